// SPDX-License-Identifier: Apache-2.0
#pragma once
// Data and instruction cache maintenance by address, and fast clearing. Addresses are the hypervisor's own.

#include "lib/types.hpp"

#include <cstddef>

namespace trv::arch {

namespace detail {

/// Data cache line in bytes, from CTR_EL0.DminLine, log2 of words [Arm ARM, CTR_EL0].
inline u64 data_line_size() {
    u64 ctr;
    asm("mrs %0, ctr_el0" : "=r"(ctr));
    return u64{4} << ((ctr >> 16) & 0xf);
}

} // namespace detail

/// Cleans and invalidates lines, so that accesses that bypass the caches (a guest with its MMU off, a device) see the
/// data, and no dirty line overwrites their writes.
inline void clean_and_invalidate(const void* memory, std::size_t size) {
    const u64 line = detail::data_line_size();
    const u64 begin = reinterpret_cast<u64>(memory);
    for (u64 at = begin & ~(line - 1); at < begin + size; at += line) {
        asm volatile("dc civac, %0" ::"r"(at) : "memory");
    }
    asm volatile("dsb sy" ::: "memory");
}

/// Invalidates all CPUs' instruction caches, so that no CPU executes former contents of memory [Arm ARM B2, instruction
/// caches].
inline void forget_instructions() {
    asm volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" ::: "memory");
}

/// Fills whole pages with zeros. DC ZVA clears a block of up to 2 KiB at once where the CPU permits it
/// [Arm ARM, DCZID_EL0]; it needs Normal memory, which the direct map is.
/// @param pages page-aligned
inline void zero_pages(void* pages, std::size_t size) {
    u64 dczid;
    asm("mrs %0, dczid_el0" : "=r"(dczid));
    const u64 begin = reinterpret_cast<u64>(pages);
    const bool prohibited = (dczid & 0x10) != 0;
    if (prohibited) {
        for (u64 at = begin; at < begin + size; at += 16) {
            asm volatile("stp xzr, xzr, [%0]" ::"r"(at) : "memory");
        }
        return;
    }
    const u64 block = u64{4} << (dczid & 0xf);
    for (u64 at = begin; at < begin + size; at += block) {
        asm volatile("dc zva, %0" ::"r"(at) : "memory");
    }
}

} // namespace trv::arch
