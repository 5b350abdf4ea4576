#pragma once

#include "arch/sysreg.hpp"

namespace trv::arch {

/// From here on this CPU translates for the VM that these belong to. Nothing of EL1 runs between this and the exception
/// return, which synchronizes it.
inline void switch_stage2(u64 vtcr, u64 vttbr) {
    if (VttbrEl2::read() != vttbr) {
        VtcrEl2::write(vtcr);
        VttbrEl2::write(vttbr);
    }
}

/// This CPU forgets what it knows of the loaded VM's stage 1.
inline void forget_loaded_translations() {
    asm volatile("isb\n\ttlbi vmalle1\n\tdsb nsh\n\tisb" : : : "memory");
}

/// No VM's tables are in use by this CPU, not even for speculative walks.
inline void leave_stage2() {
    VttbrEl2::write(0);
    isb();
}

} // namespace trv::arch
