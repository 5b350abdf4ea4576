// SPDX-License-Identifier: Apache-2.0
#pragma once
// The timers of one physical CPU: callbacks at counter values, and the hardware behind them. Only the owner CPU uses
// them, so they need no lock.

#include "arch/cpu/clock.hpp"
#include "arch/cpu/hyp_timer.hpp"
#include "lib/list.hpp"
#include "lib/types.hpp"

#include <optional>

namespace trv::sched {

/// A timer, embedded in its user. It must be disarmed before it is destroyed.
class SoftTimer {
  public:
    using Callback = void (*)(void* context);

    constexpr SoftTimer(Callback callback, void* context) : callback_(callback), context_(context) {}

    [[nodiscard]] bool armed() const { return node_.is_linked(); }
    [[nodiscard]] u64 deadline() const { return deadline_; }

  private:
    friend class TimerQueue;

    Callback callback_;
    void* context_;
    u64 deadline_ = 0; ///< counter ticks
    ListNode<SoftTimer> node_;
};

class TimerQueue {
  public:
    /// Re-arming moves the deadline. Cost grows with the number of timers armed on this CPU (at most three per vCPU,
    /// and a few others).
    void arm(SoftTimer& timer, u64 deadline);
    void disarm(SoftTimer& timer);

    /// Calls every timer whose deadline is not after `now`; each is disarmed first and may arm itself again.
    void expire(u64 now);

    [[nodiscard]] std::optional<u64> next_deadline() const;

  private:
    List<SoftTimer, &SoftTimer::node_> timers_; ///< earliest first
};

/// EL2's own timer of this CPU.
class HypTimer {
  public:
    void set(u64 deadline) {
        arch::set_hyp_timer(deadline);
        deadline_ = deadline;
    }
    void stop() {
        arch::stop_hyp_timer();
        deadline_ = 0;
    }
    /// Sets or stops it, if that changes anything.
    void program(std::optional<u64> deadline) {
        if (!deadline) {
            if (deadline_ != 0) {
                stop();
            }
        } else if (deadline_ != *deadline) {
            set(*deadline);
        }
    }

  private:
    u64 deadline_ = 0; ///< counter ticks; 0: stopped
};

/// Of the counter.
[[nodiscard]] inline u64 ticks_of(u64 microseconds) {
    return arch::tick_hz() * microseconds / 1'000'000;
}

} // namespace trv::sched
