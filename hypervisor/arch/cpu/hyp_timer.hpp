// SPDX-License-Identifier: Apache-2.0
#pragma once
// EL2's own timer (CNTHP) of this CPU. Only guests use the virtual timer.

#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"

namespace trv::arch {

/// @param deadline in counter ticks; the interrupt comes at or after it, immediately if it has passed
inline void set_hyp_timer(u64 deadline) {
    CnthpCvalEl2::write(deadline);
    CnthpCtlEl2::write(timer_ctl::ENABLE);
}

inline void stop_hyp_timer() {
    CnthpCtlEl2::write(0);
}

} // namespace trv::arch
