// SPDX-License-Identifier: Apache-2.0
#include "sync/spinlock.hpp"

#include "arch/cpu/wait.hpp"

namespace trv {

void SpinLock::wait() {
    for (unsigned lost = 0; lost < patience; ++lost) {
        arch::relax();
        // Looked at first: to write to what another CPU holds only takes the line away from it.
        if (!held_.load(std::memory_order_relaxed) && try_take()) {
            return;
        }
    }
    urgent_.fetch_add(1, std::memory_order_relaxed);
    while (held_.load(std::memory_order_relaxed) || held_.exchange(true, std::memory_order_acquire)) {
        arch::relax();
    }
    urgent_.fetch_sub(1, std::memory_order_relaxed);
}

} // namespace trv
