#pragma once
// Data and instruction cache maintenance by address, and fast clearing. Addresses are the hypervisor's own.

#include "lib/types.hpp"

#include <cstddef>

namespace trv::arch {

namespace detail {

/// Cache line in bytes, from CTR_EL0: DminLine or IminLine, log2 of words [Arm ARM, CTR_EL0].
inline u64 line_size(unsigned shift) {
    u64 ctr;
    asm("mrs %0, ctr_el0" : "=r"(ctr));
    return u64{4} << ((ctr >> shift) & 0xf);
}
inline constexpr unsigned data_line_field = 16;
inline constexpr unsigned instruction_line_field = 0;

} // namespace detail

/// Writes back and drops lines, so that those who bypass the caches (a guest with its MMU off, a device) see what was
/// written, and no dirty line overwrites what they write.
inline void clean_and_invalidate(const void* memory, std::size_t size) {
    const u64 line = detail::line_size(detail::data_line_field);
    const u64 begin = reinterpret_cast<u64>(memory);
    for (u64 at = begin & ~(line - 1); at < begin + size; at += line) {
        asm volatile("dc civac, %0" ::"r"(at) : "memory");
    }
    asm volatile("dsb sy" ::: "memory");
}

/// Makes written instructions visible to instruction fetches of all CPUs [Arm ARM B2, instruction caches].
inline void publish_code(const void* memory, std::size_t size) {
    const u64 begin = reinterpret_cast<u64>(memory);
    const u64 data_line = detail::line_size(detail::data_line_field);
    for (u64 at = begin & ~(data_line - 1); at < begin + size; at += data_line) {
        asm volatile("dc cvau, %0" ::"r"(at) : "memory");
    }
    asm volatile("dsb ish" ::: "memory");
    const u64 instruction_line = detail::line_size(detail::instruction_line_field);
    for (u64 at = begin & ~(instruction_line - 1); at < begin + size; at += instruction_line) {
        asm volatile("ic ivau, %0" ::"r"(at) : "memory");
    }
    asm volatile("dsb ish\n\tisb" ::: "memory");
}

/// No CPU holds instructions of former contents of memory any more [Arm ARM B2, instruction caches]. For whole systems;
/// single pages see publish_code().
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
