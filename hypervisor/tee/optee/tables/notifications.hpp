// SPDX-License-Identifier: Apache-2.0
#pragma once
// Asynchronous notifications of one VM: values that the guest has not fetched yet, and the interrupt that says so. They
// are OP-TEE's; and the mediator's own, for a thread of the guest that another one wakes without a guest.

#include "lib/types.hpp"
#include "tee/optee/config.hpp"
#include "vdev/interrupt_line.hpp"

#include <atomic>
#include <bit>

namespace trv::tee::optee {

class Notifications {
  public:
    /// Asynchronous ones. Those from here on mean OP-TEE's threads, which the guest's driver puts to sleep and wakes
    /// [core/include/kernel/notif.h].
    static constexpr u32 values = 64;

    struct Popped {
        u32 value = 0;
        bool valid = false;
        bool more = false;
    };

    /// @param line the VM's interrupt, rising edge; null if there is none
    explicit Notifications(vdev::InterruptLine* line) : line_(line) {}
    [[nodiscard]] vdev::InterruptLine* line() const { return line_; }

    /// Whether this VM has enabled them in OP-TEE.
    void set_enabled(bool enabled) {
        enabled_.store(enabled, std::memory_order_relaxed);
        if (!enabled) {
            forget();
        }
    }
    [[nodiscard]] bool is_enabled() const { return enabled_.load(std::memory_order_relaxed); }

    /// Interrupts the guest; there is a line.
    /// @param mask bit per value
    void collect(u64 mask) {
        pending_.fetch_or(mask, std::memory_order_relaxed);
        interrupt();
    }
    /// Lets the guest wake a thread of OP-TEE's, which may sleep in its driver.
    /// @return false if the guest takes no notifications, or it is not a thread
    [[nodiscard]] bool wake(u64 value) {
        const u64 thread = value - values;
        if (!is_enabled() || thread >= max_threads) {
            return false;
        }
        woken_.fetch_or(u64{1} << thread, std::memory_order_relaxed);
        interrupt();
        return true;
    }
    void forget() {
        pending_.store(0, std::memory_order_relaxed);
        woken_.store(0, std::memory_order_relaxed);
    }

    /// Removes and returns a value: the lowest one of a thread, otherwise of OP-TEE's.
    [[nodiscard]] Popped pop() {
        if (Popped thread = take_lowest(woken_); thread.valid) {
            thread.value += values;
            thread.more = thread.more || pending_.load(std::memory_order_relaxed) != 0;
            return thread;
        }
        return take_lowest(pending_);
    }

  private:
    /// Relaxed: a value publishes no other data.
    static Popped take_lowest(std::atomic<u64>& mask) {
        u64 pending = mask.load(std::memory_order_relaxed);
        while (pending != 0) {
            const u64 rest = pending & (pending - 1);
            if (mask.compare_exchange_weak(pending, rest, std::memory_order_relaxed)) {
                return {static_cast<u32>(std::countr_zero(pending)), true, rest != 0};
            }
        }
        return {};
    }
    void interrupt() {
        line_->set(true);
        line_->set(false);
    }

    vdev::InterruptLine* const line_;
    std::atomic<bool> enabled_ = false;
    std::atomic<u64> pending_ = 0; ///< bit per value
    std::atomic<u64> woken_ = 0;   ///< bit per thread
};

} // namespace trv::tee::optee
