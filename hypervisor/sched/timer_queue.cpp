// SPDX-License-Identifier: Apache-2.0
#include "sched/timer_queue.hpp"

namespace trv::sched {

void TimerQueue::arm(SoftTimer& timer, u64 deadline) {
    disarm(timer);
    timer.deadline_ = deadline;
    SoftTimer* later = timers_.front();
    while (later != nullptr && later->deadline_ <= deadline) {
        later = timers_.after(*later);
    }
    timers_.insert_before(later, timer);
}

void TimerQueue::disarm(SoftTimer& timer) {
    if (timer.armed()) {
        timers_.remove(timer);
    }
}

void TimerQueue::expire(u64 now) {
    while (SoftTimer* const timer = timers_.front()) {
        if (timer->deadline_ > now) {
            return;
        }
        timers_.remove(*timer);
        timer->callback_(timer->context_);
    }
}

std::optional<u64> TimerQueue::next_deadline() const {
    if (timers_.empty()) {
        return std::nullopt;
    }
    return timers_.front()->deadline_;
}

} // namespace trv::sched
