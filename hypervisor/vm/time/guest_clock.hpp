// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/cpu/clock.hpp"
#include "lib/types.hpp"
#include "sync/spinlock.hpp"

#include <atomic>

namespace trv::vm {

/// A VM's time in counter ticks: it starts at 0, and stands still while the VM is paused. Any CPU.
class GuestClock {
  public:
    /// CNTVOFF_EL2 of all vCPUs.
    [[nodiscard]] u64 offset() const { return offset_.load(std::memory_order_relaxed); }
    /// Acquire: a vCPU that finds the pause over uses the offset that end_pause() wrote before.
    [[nodiscard]] bool is_paused() const { return paused_.load(std::memory_order_acquire); }

    /// From 0. Precondition: no vCPU runs; what lets them run publishes it.
    void start() { offset_.store(arch::ticks(), std::memory_order_relaxed); }
    // The functions that these get are called under the lock: so what they do to the VM follows the pauses in order.

    /// @param may_pause bool(). @return whether the pause has begun; not, if there is one
    template <typename MayPause, typename OnBegin>
    bool begin_pause(MayPause may_pause, OnBegin on_begin) EXCLUDES(lock_) {
        const Guard guard(lock_);
        if (!may_pause() || is_paused()) {
            return false;
        }
        paused_at_ = arch::ticks();
        paused_.store(true);
        on_begin();
        return true;
    }
    /// A vCPU has run until now.
    void hold() EXCLUDES(lock_) {
        const Guard guard(lock_);
        paused_at_ = arch::ticks();
    }
    /// @param may_end bool(). @return whether there was a pause, which has ended
    template <typename MayEnd, typename OnEnd>
    bool end_pause(MayEnd may_end, OnEnd on_end) EXCLUDES(lock_) {
        const Guard guard(lock_);
        if (!is_paused() || !may_end()) {
            return false;
        }
        on_end();
        offset_.fetch_add(arch::ticks() - paused_at_, std::memory_order_relaxed);
        paused_.store(false, std::memory_order_release); // pairs with is_paused()
        return true;
    }
    /// The pause ends, if there is one, and the VM with it.
    template <typename OnEnd>
    void give_up_pause(OnEnd on_end) EXCLUDES(lock_) {
        const Guard guard(lock_);
        if (paused_.exchange(false)) {
            on_end();
        }
    }

  private:
    std::atomic<u64> offset_ = 0; ///< changes only while no vCPU runs
    SpinLock lock_;
    std::atomic<bool> paused_ = false;    ///< written under lock_
    u64 paused_at_ GUARDED_BY(lock_) = 0; ///< when the last vCPU stopped for it
};

} // namespace trv::vm
