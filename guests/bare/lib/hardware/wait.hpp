// SPDX-License-Identifier: Apache-2.0
#pragma once
// Waiting for what another party does, with an end.

#include "guests/bare/lib/hardware/timer.hpp"

namespace trv::bare {

/// Longer than any busy machine below keeps a vCPU from its work: it only has to end what hangs.
inline constexpr u64 patience_seconds = 30;

/// @return  false if `condition` did not become true within patience_seconds
template <typename Condition>
[[nodiscard]] bool wait_until(Condition condition) {
    const u64 limit = now() + patience_seconds * frequency();
    while (!condition()) {
        if (now() > limit) {
            return condition(); // it may have come while this vCPU was kept from looking
        }
        wfe(); // lets other vCPUs run where they share the CPU
    }
    return true;
}

} // namespace trv::bare
