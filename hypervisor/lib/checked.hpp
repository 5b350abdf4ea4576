// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checked arithmetic on foreign values: wrapping is an error.

#include "lib/result.hpp"
#include "lib/types.hpp"

#include <concepts>

namespace trv {

template <std::unsigned_integral T>
[[nodiscard]] constexpr Result<T> checked_add(T a, T b) {
    T sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return fail(Error::Overflow);
    }
    return sum;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr Result<T> checked_multiply(T a, T b) {
    T product;
    if (__builtin_mul_overflow(a, b, &product)) {
        return fail(Error::Overflow);
    }
    return product;
}

/// A non-empty range that does not wrap.
/// @return Error::Invalid for size 0, Error::Overflow where base + size exceeds 64 bits
template <typename A>
[[nodiscard]] constexpr Result<Range<A>> make_range(A base, u64 size) {
    if (size == 0) {
        return fail(Error::Invalid);
    }
    if (!checked_add(base.value, size - 1)) {
        return fail(Error::Overflow);
    }
    return Range<A>{base, size};
}

[[nodiscard]] constexpr bool is_aligned(u64 value, u64 power_of_two) {
    return (value & (power_of_two - 1)) == 0;
}
[[nodiscard]] constexpr u64 align_down(u64 value, u64 power_of_two) {
    return value & ~(power_of_two - 1);
}
/// Precondition: value + power_of_two - 1 does not wrap.
[[nodiscard]] constexpr u64 align_up(u64 value, u64 power_of_two) {
    return align_down(value + power_of_two - 1, power_of_two);
}

} // namespace trv
