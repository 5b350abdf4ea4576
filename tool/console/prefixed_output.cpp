// SPDX-License-Identifier: Apache-2.0
#include "tool/console/prefixed_output.hpp"

#include "tool/console/printable.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace trv::tool::console {

namespace {

/// Bright enough on dark and on light: cyan, yellow, green, magenta, blue, red [ECMA-48 8.3.117].
constexpr std::array colours{36, 33, 32, 35, 34, 31};

} // namespace

Colour colour_for(std::FILE* stream) {
    const char* no_color = std::getenv("NO_COLOR");
    const bool forbidden = no_color != nullptr && *no_color != '\0';
    return !forbidden && isatty(fileno(stream)) != 0 ? Colour::On : Colour::Off;
}

PrefixedOutput::PrefixedOutput(std::FILE* stream, Colour colour, std::vector<std::string> sources) : stream_{stream} {
    std::size_t width = 0;
    for (const auto& source : sources) {
        width = std::max(width, source.size());
    }
    for (std::size_t index = 0; index < sources.size(); ++index) {
        const std::string name = fmt::format("{:<{}} |", sources[index], width);
        prefixes_.push_back(
            colour == Colour::Off ? name : fmt::format("\x1b[{}m{}\x1b[0m", colours.at(index % colours.size()), name));
    }
}

void PrefixedOutput::print(std::size_t source, std::string_view line) {
    const std::string clean = printable(line);
    fmt::print(stream_, "{}{}{}\n", prefixes_.at(source), clean.empty() ? "" : " ", clean);
    std::fflush(stream_);
}

} // namespace trv::tool::console
