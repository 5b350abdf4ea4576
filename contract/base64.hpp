// SPDX-License-Identifier: Apache-2.0
#pragma once
// Base64 with padding [RFC 4648, 4]. Nothing here allocates, unless the caller's string does.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace trv::contract {

inline constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The six bits that a character encodes; -1 for a character outside the alphabet.
[[nodiscard]] constexpr int base64_value(char letter) {
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

/// Calls `put(char)` for each decoded byte, in order.
/// @return false where `text` is not Base64, or put() returned false; some bytes may have been put before
template <typename Put>
constexpr bool decode_base64_each(std::string_view text, Put put) {
    if (text.size() % 4 != 0) {
        return false;
    }
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
        text.remove_suffix(1);
    }
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const int value = base64_value(c);
        if (value < 0) {
            return false;
        }
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (!put(static_cast<char>(bits >> held & 0xffU))) {
                return false;
            }
        }
    }
    return true;
}

/// @return the decoded part of `out`; nothing if `text` is not Base64 or does not fit
[[nodiscard]] constexpr std::optional<std::string_view> decode_base64(std::string_view text, std::span<char> out) {
    std::size_t used = 0;
    const bool sound = decode_base64_each(text, [&](char byte) {
        if (used == out.size()) {
            return false;
        }
        out[used++] = byte;
        return true;
    });
    return sound ? std::optional(std::string_view(out.data(), used)) : std::nullopt;
}

/// The same into a string of the caller's type.
template <typename String>
[[nodiscard]] constexpr std::optional<String> decode_base64(std::string_view text) {
    String bytes;
    const bool sound = decode_base64_each(text, [&](char byte) {
        bytes.push_back(byte);
        return true;
    });
    return sound ? std::optional<String>(static_cast<String&&>(bytes)) : std::nullopt;
}

/// Calls `put(char)` for each character of the encoded text, in order.
template <typename Put>
constexpr void encode_base64_each(std::string_view bytes, Put put) {
    for (; !bytes.empty(); bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3)) {
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            bits = bits << 8U | (index < bytes.size() ? static_cast<std::uint8_t>(bytes[index]) : 0U);
        }
        for (std::size_t digit = 0; digit < 4; ++digit) {
            put(digit <= bytes.size() ? base64_alphabet[bits >> (18 - 6 * digit) & 63U] : '=');
        }
    }
}

template <typename String>
[[nodiscard]] constexpr String encode_base64(std::string_view bytes) {
    String text;
    encode_base64_each(bytes, [&](char c) { text.push_back(c); });
    return text;
}

} // namespace trv::contract
