// SPDX-License-Identifier: Apache-2.0
#pragma once
// The timers of one physical CPU: callbacks at counter values. Only the owner CPU uses it, so it needs no lock.

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

} // namespace trv::sched
