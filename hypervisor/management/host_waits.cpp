// SPDX-License-Identifier: Apache-2.0
#include "management/host_waits.hpp"

#include "arch/cpu/clock.hpp"
#include "arch/cpu/wait.hpp"
#include "sched/per_cpu.hpp"

#include <algorithm>

namespace trv::management {

HostWaits::HostWaits() {
    for (Alarm& alarm : alarms_) {
        alarm.waits = this;
    }
}

void HostWaits::start(tee::manager::Notifier& notifier, unsigned most) {
    const Guard guard(lock_);
    notifier_ = &notifier;
    most_ = most;
    places_ = {};
    note_awaited();
}

bool HostWaits::stop(tee::manager::Notifier& notifier) {
    {
        const Guard guard(lock_);
        if (notifier_ != &notifier) {
            return false;
        }
        notifier_ = nullptr;
        places_ = {};
        note_awaited();
    }
    // Acquire, with the release behind each use: the notifier may be destroyed now.
    while (waking_.load(std::memory_order_acquire) != 0) {
        arch::relax();
    }
    return true;
}

void HostWaits::note_awaited() {
    ChannelBits awaited = 0;
    for (const Place& place : places_) {
        awaited |= place.waits && !place.woken ? place.wait.channels : 0;
    }
    awaited_.store(awaited, std::memory_order_relaxed);
}

bool HostWaits::begin(unsigned slot, const Wait& wait) {
    {
        const Guard guard(lock_);
        if (notifier_ == nullptr || std::ranges::count_if(places_, &Place::waits) >= most_) {
            return false;
        }
        places_[slot] = {wait, true, false};
        note_awaited();
    }
    arm(own_alarm(), wait.deadline);
    return true;
}

void HostWaits::end(unsigned slot) {
    const Guard guard(lock_);
    places_[slot] = {};
    note_awaited();
}

HostWaits::Alarm& HostWaits::own_alarm() {
    return alarms_[sched::this_cpu().index];
}

/// Context: the alarm's CPU.
void HostWaits::arm(Alarm& alarm, u64 deadline) {
    if (!alarm.timer.armed() || alarm.timer.deadline() > deadline) {
        sched::this_cpu().timers.arm(alarm.timer, deadline);
        sched::this_cpu().request_own_attention(); // the scheduler programs the hardware's timer
    }
}

/// Wakes those whose time is up, and goes on for the others, whichever CPU they came from.
void HostWaits::expire(void* context) {
    Alarm& alarm = *static_cast<Alarm*>(context);
    HostWaits& waits = *alarm.waits;
    const u64 now = arch::ticks();
    waits.wake([now](const Wait& wait) { return wait.deadline <= now; });
    u64 next = ~u64{0};
    {
        const Guard guard(waits.lock_);
        for (const Place& place : waits.places_) {
            next = place.waits && !place.woken ? std::min(next, place.wait.deadline) : next;
        }
    }
    if (next != ~u64{0}) {
        arm(alarm, next);
    }
}

} // namespace trv::management
