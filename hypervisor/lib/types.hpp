// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fixed-width names and the three kinds of address. They do not convert into each other: an IPA becomes a PA only in a
// stage-2 lookup (memory/translation/stage2.hpp), a PA becomes a pointer only in memory/physical/direct_map.hpp.

#include "contract/limits.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>

namespace trv {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

/// An address of one kind; `Kind` only distinguishes the kinds. Arithmetic is modulo 2^64: sums of foreign values go
/// through checked_add() (lib/checked.hpp) first.
template <typename Kind>
struct Address {
    u64 value = 0;

    constexpr Address() = default;
    constexpr explicit Address(u64 v) : value(v) {}

    constexpr auto operator<=>(const Address&) const = default;
    constexpr Address operator+(u64 bytes) const { return Address(value + bytes); }
    constexpr Address operator-(u64 bytes) const { return Address(value - bytes); }
    /// The distance in bytes. Precondition: *this is not below `other`.
    constexpr u64 operator-(Address other) const { return value - other.value; }
    constexpr Address& operator+=(u64 bytes) {
        value += bytes;
        return *this;
    }
    [[nodiscard]] constexpr u64 offset_in(u64 power_of_two) const { return value & (power_of_two - 1); }
    [[nodiscard]] constexpr bool is_aligned(u64 power_of_two) const { return offset_in(power_of_two) == 0; }
    [[nodiscard]] constexpr Address align_down(u64 power_of_two) const { return Address(value & ~(power_of_two - 1)); }
};

using Pa = Address<struct PhysicalKind>;
using Ipa = Address<struct GuestPhysicalKind>;
using Va = Address<struct HypervisorVirtualKind>;

/// [base, base + size), in bytes. A range never wraps: see make_range() in lib/checked.hpp.
template <typename A>
struct Range {
    A base;
    u64 size = 0;

    constexpr auto operator<=>(const Range&) const = default;
    [[nodiscard]] constexpr A end() const { return base + size; }
    [[nodiscard]] constexpr bool empty() const { return size == 0; }
    [[nodiscard]] constexpr bool contains(A a) const { return a >= base && a - base < size; }
    [[nodiscard]] constexpr bool contains(Range r) const {
        return r.base >= base && r.base - base <= size && r.size <= size - (r.base - base);
    }
    [[nodiscard]] constexpr bool overlaps(Range r) const {
        return !empty() && !r.empty() && base < r.end() && r.base < end();
    }
};

using PaRange = Range<Pa>;
using IpaRange = Range<Ipa>;

inline constexpr u64 KiB = 1024;
inline constexpr u64 MiB = 1024 * KiB;
inline constexpr u64 GiB = 1024 * MiB;
inline constexpr unsigned page_shift = 12;
inline constexpr u64 page_size = u64{1} << page_shift;

using contract::max_vcpus;
using contract::max_vms;

} // namespace trv
