// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/registers/sysreg.hpp"

namespace trv::arch {

/// Switches this CPU to a VM's stage 2. No EL1 code runs between this and the exception return, which synchronizes it.
inline void switch_stage2(u64 vtcr, u64 vttbr) {
    if (VttbrEl2::read() != vttbr) {
        VtcrEl2::write(vtcr);
        VttbrEl2::write(vttbr);
    }
}

/// Invalidates the loaded VM's stage-1 translations on this CPU.
inline void forget_loaded_translations() {
    asm volatile("isb\n\ttlbi vmalle1\n\tdsb nsh\n\tisb" : : : "memory");
}

/// After this, the CPU uses no VM's tables, not even for speculative walks.
inline void leave_stage2() {
    VttbrEl2::write(0);
    isb();
}

} // namespace trv::arch
