// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/compiler_output.hpp"

#include "tool/support/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <sstream>

namespace trv::tool::ta {

namespace {

constexpr std::size_t most_shown = 5; // errors of a build

/// Longer lines are not error messages, and too long for std::regex.
constexpr std::size_t longest_line = 4000;

/// "hello.c:12:5: error: …", and make's "Makefile:7: *** …".
const std::regex& compiler_line() {
    static const std::regex pattern(R"(^([^\s:][^:]*):(\d+(?::\d+)?): (?:(?:fatal )?error: |\*\*\* )(.*)$)");
    return pattern;
}

/// "…ld: …/hello.o: in function `f':" comes before; then "…/hello.c:12: undefined reference to `g'".
const std::regex& linker_line() {
    static const std::regex pattern(
        R"(^(?:\S+: )*([^\s:][^:]*):(\d+): ((?:undefined reference to|multiple definition of).*)$)");
    return pattern;
}

} // namespace

std::vector<Diagnostic> find_errors(std::string_view output) {
    std::vector<Diagnostic> found;
    std::istringstream lines{std::string(output)};
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (line.size() > longest_line ||
            (!std::regex_match(line, match, compiler_line()) && !std::regex_match(line, match, linker_line()))) {
            continue;
        }
        Diagnostic diagnostic{.file = match[1].str(), .position = match[2], .message = match[3]};
        if (std::ranges::find(found, diagnostic) == found.end()) {
            found.push_back(std::move(diagnostic));
        }
    }
    return found;
}

Result<void> run_build_step(const Paths& paths, Command command) {
    command.environment.emplace_back("LC_ALL", "C"); // the output parsed below is in English
    std::error_code ignored;
    std::filesystem::remove(command.log, ignored);
    TRY(make_folder(command.log.parent_path()));
    if (TRY(run_process(command)).good()) {
        return {};
    }
    const auto errors = find_errors(read_file(command.log).value_or(""));
    const std::string log = paths.shown(command.log);
    if (errors.empty()) {
        return usage_error(paths.shown(command.folder), {}, "does not build",
                           fmt::format("The log, {}, ends with:\n{}", log, last_lines(command.log, most_shown)));
    }
    const auto place = [&](const Diagnostic& error) {
        return error.place(paths.shown((command.folder / error.file).lexically_normal()));
    };
    std::string rest;
    for (std::size_t index = 1; index < std::min(errors.size(), most_shown); ++index) {
        rest += fmt::format("\n{}: {}", place(errors[index]), errors[index].message);
    }
    if (errors.size() > most_shown) {
        rest += fmt::format("\n… and {} more", errors.size() - most_shown);
    }
    return usage_error(place(errors.front()), {}, errors.front().message,
                       fmt::format("The whole output is in {}.{}", log, rest));
}

} // namespace trv::tool::ta
