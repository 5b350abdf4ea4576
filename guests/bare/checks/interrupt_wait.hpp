// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waiting for interrupts.

#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/wait.hpp"

namespace trv::bare::checks {

/// Sleeps, with interrupts masked, until one can be acknowledged.
[[nodiscard]] inline u32 wait_for_interrupt() {
    for (;;) {
        const u32 intid = gic::acknowledge();
        if (intid != gic::nothing_pending) {
            return intid;
        }
        wfi();
    }
}

} // namespace trv::bare::checks
