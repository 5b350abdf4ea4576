// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host's compiler sees through it; what counts here is the value.

#include "lib/types.hpp"

#include <bit>
#include <concepts>

namespace trv::arch {

template <std::unsigned_integral T>
[[nodiscard]] constexpr T nospec_index(T index, u64 bound) {
    return index < bound ? index : T{0};
}

/// The same for an array of a fixed size that is a power of two: a mask is enough, and costs one instruction.
template <u64 size, std::unsigned_integral T>
[[nodiscard]] inline T nospec_mask(T index) {
    static_assert(std::has_single_bit(size));
    return index & static_cast<T>(size - 1);
}

} // namespace trv::arch
