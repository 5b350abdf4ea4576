// SPDX-License-Identifier: Apache-2.0
#pragma once
// Indices that a guest chose, below their bound even where the CPU has guessed past the check.

#include "lib/types.hpp"

#include <bit>
#include <concepts>

namespace trv::arch {

/// Returns the index if it is below its bound, else 0, by arithmetic that the CPU does not predict. To be used behind
/// the check that refuses a larger index: a mispredicted branch then reads element 0, and not what lies behind the
/// array.
/// Source: Arm, Cache Speculation Side-channels, "Software Mitigations"; [Arm ARM C6.2, CSDB].
template <std::unsigned_integral T>
[[nodiscard]] inline T nospec_index(T index, u64 bound) {
    u64 mask;
    // C is clear where the index is below the bound: the mask is 0 - 0 - 1 then, else 0. HINT #20 is CSDB.
    asm volatile("cmp %1, %2\n\tsbc %0, xzr, xzr\n\thint #20" : "=r"(mask) : "r"(u64{index}), "r"(bound) : "cc");
    return static_cast<T>(index & mask);
}

/// The same for an array of a fixed size that is a power of two: a mask is enough, and costs one instruction.
template <u64 size, std::unsigned_integral T>
[[nodiscard]] inline T nospec_mask(T index) {
    static_assert(std::has_single_bit(size));
    asm("" : "+r"(index)); // hides the value: after the check, the compiler would drop the mask
    return index & static_cast<T>(size - 1);
}

} // namespace trv::arch
