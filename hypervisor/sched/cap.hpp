// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's limit on CPU time, however idle the machine is: a percentage of one CPU, over periods of 100 ms.

#include "arch/cpu/clock.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv::sched {

class Cap {
  public:
    /// @param percent of one CPU, over all vCPUs together; 0 for none
    explicit Cap(u32 percent)
        : period_(arch::tick_hz() / periods_a_second), budget_(period_ * percent / 100), percent_(percent) {}

    [[nodiscard]] bool is_set() const { return percent_ != 0; }

    /// Time that one of the VM's vCPUs ran, up to `now`; in ticks. Any CPU.
    void charge(u64 ran, u64 now) {
        if (is_set()) {
            enter_period(now);
            used_.fetch_add(ran, std::memory_order_relaxed);
        }
    }

    /// The ticks left in this period; unlimited without a cap.
    [[nodiscard]] u64 left(u64 now) {
        if (!is_set()) {
            return ~u64{0};
        }
        enter_period(now);
        const u64 used = used_.load(std::memory_order_relaxed);
        return used < budget_ ? budget_ - used : 0;
    }

    /// Counter value at which the next period begins.
    [[nodiscard]] u64 period_end(u64 now) const { return (now / period_ + 1) * period_; }

  private:
    static constexpr u64 periods_a_second = 10;

    /// Overuse in one period counts in the next: a slice may end late, but the share must not grow.
    void enter_period(u64 now) {
        const u64 current = now / period_;
        u64 last = current_.load(std::memory_order_relaxed);
        if (current <= last || !current_.compare_exchange_strong(last, current, std::memory_order_relaxed)) {
            return;
        }
        const u64 earned = (current - last) * budget_;
        u64 used = used_.load(std::memory_order_relaxed);
        while (!used_.compare_exchange_weak(used, used > earned ? used - earned : 0, std::memory_order_relaxed)) {
        }
    }

    u64 period_; ///< ticks
    u64 budget_; ///< ticks per period
    u32 percent_;
    std::atomic<u64> current_ = 0; ///< number of the period
    std::atomic<u64> used_ = 0;    ///< ticks in it
};

} // namespace trv::sched
