// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/uuid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace trv::tool::machine {

namespace {

constexpr std::size_t text_length = 36;

bool is_dash_position(std::size_t at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

/// -1 if it is not a hexadecimal digit.
int digit(char letter) {
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    if (letter >= 'a' && letter <= 'f') {
        return letter - 'a' + 10;
    }
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

} // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != text_length) {
        return std::nullopt;
    }
    Uuid uuid{};
    std::size_t digits = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_dash_position(at)) {
            if (text[at] != '-') {
                return std::nullopt;
            }
            continue;
        }
        const int value = digit(text[at]);
        if (value < 0) {
            return std::nullopt;
        }
        std::uint8_t& byte = uuid.at(digits / 2);
        byte = static_cast<std::uint8_t>(static_cast<unsigned>(byte) << 4U | static_cast<unsigned>(value));
        ++digits;
    }
    return uuid;
}

std::string to_text(const Uuid& uuid) {
    std::string text;
    for (const std::uint8_t byte : uuid) {
        text += is_dash_position(text.size()) ? "-" : "";
        text += fmt::format("{:02x}", byte);
    }
    return text;
}

} // namespace trv::tool::machine
