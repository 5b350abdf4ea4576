// SPDX-License-Identifier: Apache-2.0
#pragma once
// The registers of the loaded guest that EL2 writes, and those that it reads, to inject an exception into EL1 in AArch32.

#include "arch/aarch32/exception.hpp"
#include "arch/registers/sysreg.hpp"

namespace trv::arch::aarch32 {

inline void set_saved_pstate(Exception exception, u32 saved) {
    if (exception == Exception::Undefined) {
        asm volatile("msr spsr_und, %0" : : "r"(u64{saved}));
    } else {
        asm volatile("msr spsr_abt, %0" : : "r"(u64{saved}));
    }
}

/// DFSR and DFAR.
inline void set_data_fault(u64 status, u32 address) {
    EsrEl1::write(status);
    FarEl1::write((FarEl1::read() & ~u64{0xffff'ffff}) | address);
}
/// IFSR and IFAR.
inline void set_prefetch_fault(u64 status, u32 address) {
    asm volatile("msr ifsr32_el2, %0" : : "r"(status));
    FarEl1::write(static_cast<u32>(FarEl1::read()) | u64{address} << 32);
}

[[nodiscard]] inline u64 translation_control() {
    return TcrEl1::read();
}

} // namespace trv::arch::aarch32
