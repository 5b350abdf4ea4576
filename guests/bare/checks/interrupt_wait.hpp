// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waiting for what another party does, with an end.

#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/timer.hpp"

namespace trv::bare::checks {

/// @return  false if `condition` did not become true within a second
template <typename Condition>
[[nodiscard]] bool wait_until(Condition condition) {
    const u64 limit = now() + frequency();
    while (!condition()) {
        if (now() > limit) {
            return false;
        }
        wfe(); // lets other vCPUs run where they share the CPU
    }
    return true;
}

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
