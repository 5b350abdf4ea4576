#pragma once
// Deadlines of one physical CPU: things to do at a counter value. Owner CPU only, so there is no lock.

#include "lib/list.hpp"
#include "lib/types.hpp"

#include <optional>

namespace trv::vm {

/// Embedded in what it wakes. Disarmed before it dies.
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
    /// Re-arming moves the deadline. Cost grows with the number of timers armed on this CPU (three a vCPU, at most, and
    /// few others).
    void arm(SoftTimer& timer, u64 deadline);
    void disarm(SoftTimer& timer);

    /// Calls back every timer whose deadline is not after `now`; each is disarmed first and may arm itself again.
    void expire(u64 now);

    [[nodiscard]] std::optional<u64> next_deadline() const;

  private:
    List<SoftTimer, &SoftTimer::node_> timers_; ///< earliest first
};

} // namespace trv::vm
