// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/base64.hpp"

#include "lib/types.hpp"

namespace trv::bare {
namespace {

std::optional<u32> value_of(char c) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto place = alphabet.find(c);
    if (place == std::string_view::npos) {
        return std::nullopt;
    }
    return static_cast<u32>(place);
}

} // namespace

std::optional<std::string_view> decode_base64(std::string_view text, std::span<char> out) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
        text.remove_suffix(1);
    }
    u32 bits = 0;
    unsigned held = 0;
    std::size_t used = 0;
    for (const char c : text) {
        const auto value = value_of(c);
        if (!value) {
            return std::nullopt;
        }
        bits = bits << 6 | *value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (used == out.size()) {
                return std::nullopt;
            }
            out[used++] = static_cast<char>(bits >> held);
        }
    }
    return std::string_view(out.data(), used);
}

} // namespace trv::bare
