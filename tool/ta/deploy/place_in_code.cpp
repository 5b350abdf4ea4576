// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/place_in_code.hpp"

#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <regex>
#include <sstream>

namespace trv::tool::ta {
namespace {

std::uint64_t hexadecimal(const std::string& digits) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return value;
}

} // namespace

void PanicReport::take(std::string_view line) {
    static const std::regex panic(R"(^E/.*TA panicked with code (0x[0-9a-f]+))");
    static const std::regex abort(R"((User mode (?:data|prefetch)-abort at address 0x[0-9a-f]+[^\r]*))");
    static const std::regex module(R"(^E/LD:\s+\[ ?0\] \S+ @ 0x([0-9a-f]+))");
    static const std::regex frame(R"(^E/LD:\s+0x([0-9a-f]+)\s*$)");
    constexpr std::size_t longest_line = 300;
    const std::string text(line.substr(0, longest_line));
    std::smatch match;
    if (std::regex_search(text, match, panic)) {
        *this = {};
        what_ = "panicked with code " + match[1].str();
    } else if (std::regex_search(text, match, abort)) {
        *this = {};
        what_ = "was killed by a fault: " + match[1].str();
    } else if (std::regex_search(text, match, module)) {
        base_ = hexadecimal(match[1]);
    } else if (std::regex_search(text, match, frame)) {
        stack_.push_back(hexadecimal(match[1]));
    }
}

std::vector<std::uint64_t> PanicReport::offsets() const {
    std::vector<std::uint64_t> offsets;
    for (const std::uint64_t address : stack_) {
        if (base_ && address >= *base_) {
            offsets.push_back(address - *base_);
        }
    }
    return offsets;
}

std::optional<std::uint64_t> crash_offset(std::string_view line) {
    static const std::regex pattern(R"(unhandled .* in [^\s\[]+\[([0-9a-f]+),)");
    const std::string text(line.substr(0, 300));
    std::smatch match;
    return std::regex_search(text, match, pattern) ? std::optional(hexadecimal(match[1])) : std::nullopt;
}

std::string place_in_code(const Paths& paths, const std::filesystem::path& elf, const std::filesystem::path& sources,
                          const std::vector<std::uint64_t>& offsets) {
    Command command{.arguments = {"aarch64-linux-gnu-addr2line", "-f", "-e", elf.string()}};
    for (const std::uint64_t offset : offsets) {
        command.arguments.push_back(fmt::format("{:#x}", offset));
    }
    const auto output = offsets.empty() ? Result<std::string>("") : capture("addr2line", command);
    std::istringstream lines(output.value_or(""));
    for (std::string function, place; std::getline(lines, function) && std::getline(lines, place);) {
        const std::size_t colon = std::min(place.find(':'), place.size());
        const auto file = std::filesystem::path(place.substr(0, colon)).lexically_normal();
        const auto relative = file.lexically_relative(sources); // empty for "??", which stands for a file unknown
        if (!relative.empty() && *relative.begin() != "..") {
            const std::string line = place.substr(colon, place.find(' ') - colon);
            return fmt::format("{}{} ({})", paths.shown(file), line, function);
        }
    }
    return "";
}

} // namespace trv::tool::ta
