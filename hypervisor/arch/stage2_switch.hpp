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

} // namespace trv::arch
