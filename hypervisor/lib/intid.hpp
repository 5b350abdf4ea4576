// SPDX-License-Identifier: Apache-2.0
#pragma once
// The number of an interrupt, as the GIC counts them [GICv3 2.2].

#include "lib/types.hpp"

#include <compare>

namespace trv {

inline constexpr u32 first_ppi = 16; ///< INTID of PPI 0
inline constexpr u32 first_spi = 32; ///< INTID of SPI 0
inline constexpr u32 end_of_spis = 1020;

struct IntId {
    u32 value = 0;

    constexpr IntId() = default;
    constexpr explicit IntId(u32 v) : value(v) {}

    constexpr auto operator<=>(const IntId&) const = default;
    /// Private peripheral interrupt: from a peripheral of one CPU, banked.
    [[nodiscard]] constexpr bool is_ppi() const { return value >= first_ppi && value < first_spi; }
    [[nodiscard]] constexpr bool is_private() const { return value < first_spi; }
    /// Shared peripheral interrupt: the distributor routes it.
    [[nodiscard]] constexpr bool is_spi() const { return value >= first_spi && value < end_of_spis; }
    /// A special INTID, which an acknowledge returns if no interrupt is pending.
    [[nodiscard]] constexpr bool is_special() const { return value >= end_of_spis && value < 1024; }

    /// The GIC's registers have one bit per interrupt, in words of 32.
    [[nodiscard]] constexpr unsigned word() const { return value / 32; }
    [[nodiscard]] constexpr u32 bit() const { return u32{1} << (value % 32); }
};

} // namespace trv
