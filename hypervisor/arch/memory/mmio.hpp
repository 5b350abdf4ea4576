// SPDX-License-Identifier: Apache-2.0
#pragma once
// Accesses to device registers of the physical machine, of exactly the width in the function's name.

#include "lib/types.hpp"

namespace trv::arch {

// Assembly instead of volatile pointers: the compiler may use pre- and post-indexed forms for those, which have no
// valid syndrome if a lower hypervisor emulates the device [Arm ARM ESR_EL2, ISS encoding for a Data Abort: ISV].

[[nodiscard]] inline u32 read32(Va address) {
    u32 value;
    asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address.value) : "memory");
    return value;
}

[[nodiscard]] inline u64 read64(Va address) {
    u64 value;
    asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address.value) : "memory");
    return value;
}

inline void write32(Va address, u32 value) {
    asm volatile("str %w0, [%1]" : : "r"(value), "r"(address.value) : "memory");
}

inline void write64(Va address, u64 value) {
    asm volatile("str %0, [%1]" : : "r"(value), "r"(address.value) : "memory");
}

/// Returns once all accesses before it have completed, loads from devices included.
inline void wait_for_accesses() {
    asm volatile("dsb sy" : : : "memory");
}

} // namespace trv::arch
