// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/compiler_output.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace trv::tool::ta {
namespace {

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

} // namespace trv::tool::ta
