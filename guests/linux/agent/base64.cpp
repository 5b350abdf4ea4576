// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/base64.hpp"

#include <cstdint>

namespace trv::guest {
namespace {

constexpr std::size_t group_size = 4; // characters that carry three bytes
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The six bits a character stands for, -1 for any other character.
int sextet(char letter) {
    if (letter >= 'A' && letter <= 'Z') {
        return letter - 'A';
    }
    if (letter >= 'a' && letter <= 'z') {
        return letter - 'a' + 26;
    }
    if (letter >= '0' && letter <= '9') {
        return letter - '0' + 52;
    }
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
}

} // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % group_size != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    std::string bytes;
    std::uint32_t bits = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const bool padded = index >= text.size() - padding;
        const int value = padded ? 0 : sextet(text[index]);
        if (value < 0) {
            return std::nullopt;
        }
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        if (index % group_size == group_size - 1) {
            for (const unsigned shift : {16U, 8U, 0U}) {
                bytes += static_cast<char>(bits >> shift & 0xffU);
            }
            bits = 0;
        }
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

std::string encode_base64(std::string_view bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            bits = bits << 8U | (index < group.size() ? static_cast<std::uint8_t>(group[index]) : 0U);
        }
        for (std::size_t digit = 0; digit < group_size; ++digit) {
            text += digit <= group.size() ? alphabet[bits >> (18 - 6 * digit) & 63U] : '=';
        }
    }
    return text;
}

} // namespace trv::guest
