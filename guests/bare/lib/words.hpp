// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text that consists of words between spaces.

#include "lib/types.hpp"

#include <optional>
#include <string_view>

namespace trv::bare {

/// Removes and returns the first word of `text`; empty if none is left.
[[nodiscard]] constexpr std::string_view take_word(std::string_view& text) {
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

/// Decimal; nothing for any other text, or if it exceeds nine digits.
[[nodiscard]] constexpr std::optional<u32> parse_number(std::string_view word) {
    if (word.empty() || word.size() > 9) {
        return std::nullopt;
    }
    u32 value = 0;
    for (const char c : word) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = 10 * value + static_cast<u32>(c - '0');
    }
    return value;
}

} // namespace trv::bare
