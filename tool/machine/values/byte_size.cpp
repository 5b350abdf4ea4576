// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/byte_size.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace trv::tool::machine {

namespace {

struct Unit {
    std::string_view name;
    unsigned shift;
};
constexpr std::array units{Unit{"GiB", 30}, Unit{"MiB", 20}, Unit{"KiB", 10}};

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
    name.remove_prefix(name.starts_with(' ') ? 1 : 0);
    for (const Unit& unit : units) {
        if (name == unit.name && count <= std::numeric_limits<std::uint64_t>::max() >> unit.shift) {
            return count << unit.shift;
        }
    }
    return std::nullopt;
}

std::string format_size(std::uint64_t bytes) {
    for (const Unit& unit : units) {
        const std::uint64_t size = std::uint64_t{1} << unit.shift;
        if (bytes >= size && bytes % size == 0) {
            return fmt::format("{}{}", bytes >> unit.shift, unit.name);
        }
    }
    return fmt::format("{} bytes", bytes);
}

} // namespace trv::tool::machine
