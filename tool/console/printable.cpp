// SPDX-License-Identifier: Apache-2.0
#include "tool/console/printable.hpp"

namespace trv::tool::console {

namespace {

constexpr char escape = 0x1b;

bool is_control(char byte) {
    return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f;
}

/// Length of the escape sequence at the start of `text`: ESC [ parameters final, or ESC and one byte [ECMA-48 5.4].
std::size_t sequence_length(std::string_view text) {
    if (text.size() < 2) {
        return text.size();
    }
    if (text[1] != '[') {
        return 2;
    }
    std::size_t length = 2;
    while (length < text.size() && (text[length] < '@' || text[length] > '~')) {
        ++length;
    }
    return length < text.size() ? length + 1 : length;
}

} // namespace

std::string printable(std::string_view line) {
    std::string clean;
    clean.reserve(line.size());
    for (std::size_t at = 0; at < line.size();) {
        if (line[at] == escape) {
            at += sequence_length(line.substr(at));
            continue;
        }
        if (!is_control(line[at])) {
            clean += line[at];
        }
        ++at;
    }
    return clean;
}

} // namespace trv::tool::console
