// SPDX-License-Identifier: Apache-2.0
#pragma once
// Asynchronous notifications of one VM: values collected from OP-TEE that the guest has not fetched yet.

#include "lib/types.hpp"

#include <atomic>
#include <bit>

namespace trv::tee::optee {

class Notifications {
  public:
    static constexpr u32 values =
        64; ///< asynchronous ones; larger numbers are OP-TEE's own waits [core/include/kernel/notif.h]

    struct Popped {
        u32 value = 0;
        bool valid = false;
        bool more = false;
    };

    /// Whether this VM has enabled them in OP-TEE.
    void set_enabled(bool enabled) {
        enabled_.store(enabled, std::memory_order_relaxed);
        if (!enabled) {
            forget();
        }
    }
    [[nodiscard]] bool is_enabled() const { return enabled_.load(std::memory_order_relaxed); }

    /// @param mask bit per value
    void collect(u64 mask) { pending_.fetch_or(mask, std::memory_order_relaxed); }
    void forget() { pending_.store(0, std::memory_order_relaxed); }

    /// Removes and returns the lowest value. Relaxed: a value publishes no other data.
    [[nodiscard]] Popped pop() {
        u64 pending = pending_.load(std::memory_order_relaxed);
        while (pending != 0) {
            const u64 rest = pending & (pending - 1);
            if (pending_.compare_exchange_weak(pending, rest, std::memory_order_relaxed)) {
                return {static_cast<u32>(std::countr_zero(pending)), true, rest != 0};
            }
        }
        return {};
    }

  private:
    std::atomic<bool> enabled_ = false;
    std::atomic<u64> pending_ = 0;
};

} // namespace trv::tee::optee
