// SPDX-License-Identifier: Apache-2.0
#pragma once
// The number of an interrupt, as the GIC counts them [GICv3 2.2].

#include "lib/types.hpp"

#include <compare>

namespace trv {

struct IntId {
    u32 value = 0;

    constexpr IntId() = default;
    constexpr explicit IntId(u32 v) : value(v) {}

    constexpr auto operator<=>(const IntId&) const = default;
    /// Private peripheral interrupt: from a peripheral of one CPU, banked.
    [[nodiscard]] constexpr bool is_ppi() const { return value >= 16 && value < 32; }
    [[nodiscard]] constexpr bool is_private() const { return value < 32; }
    /// Shared peripheral interrupt: the distributor routes it.
    [[nodiscard]] constexpr bool is_spi() const { return value >= 32 && value < 1020; }
    /// A special INTID, which an acknowledge returns if no interrupt is pending.
    [[nodiscard]] constexpr bool is_special() const { return value >= 1020 && value < 1024; }

    /// The GIC's registers have one bit per interrupt, in words of 32.
    [[nodiscard]] constexpr unsigned word() const { return value / 32; }
    [[nodiscard]] constexpr u32 bit() const { return u32{1} << (value % 32); }
};

} // namespace trv
