// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <array>
#include <bit>
#include <compare>
#include <span>

namespace trv::tee::optee {

/// Names a trusted application; bytes in textual order, as messages carry them [optee_msg.h].
struct Uuid {
    std::array<u8, 16> bytes{};

    constexpr auto operator<=>(const Uuid&) const = default;

    /// Builds it from two little-endian words of a message: a and b of a value parameter.
    [[nodiscard]] static constexpr Uuid from_words(u64 a, u64 b) {
        return std::bit_cast<Uuid>(std::array<u64, 2>{a, b});
    }
    /// Builds it from the numbers in its text form: "8aaaf200-2450-11e4-abe2-0002a5d5c51b" is {0x8aaaf200, 0x2450,
    /// 0x11e4, 0xabe2'0002a5d5c51b}.
    [[nodiscard]] static constexpr Uuid from_fields(u32 time_low, u16 time_mid, u16 time_high, u64 rest) {
        Uuid uuid;
        for (unsigned i = 0; i < 4; ++i) {
            uuid.bytes[i] = static_cast<u8>(time_low >> (24 - 8 * i));
        }
        for (unsigned i = 0; i < 2; ++i) {
            uuid.bytes[4 + i] = static_cast<u8>(time_mid >> (8 - 8 * i));
            uuid.bytes[6 + i] = static_cast<u8>(time_high >> (8 - 8 * i));
        }
        for (unsigned i = 0; i < 8; ++i) {
            uuid.bytes[8 + i] = static_cast<u8>(rest >> (56 - 8 * i));
        }
        return uuid;
    }

    /// Its text form: 36 characters.
    [[nodiscard]] constexpr std::array<char, 36> text() const {
        constexpr char digits[] = "0123456789abcdef";
        std::array<char, 36> out{};
        std::size_t at = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (i == 4 || i == 6 || i == 8 || i == 10) {
                out[at++] = '-';
            }
            out[at++] = digits[bytes[i] >> 4];
            out[at++] = digits[bytes[i] & 0xf];
        }
        return out;
    }
};
static_assert(sizeof(Uuid) == 16);
static_assert(std::endian::native == std::endian::little);

} // namespace trv::tee::optee
