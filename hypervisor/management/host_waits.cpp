// SPDX-License-Identifier: Apache-2.0
#include "management/host_waits.hpp"

#include "arch/cpu/wait.hpp"

#include <algorithm>

namespace trv::management {

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
    alarms_.arm(wait.deadline);
    return true;
}

void HostWaits::end(unsigned slot) {
    const Guard guard(lock_);
    places_[slot] = {};
    note_awaited();
}

/// Wakes those whose time is up.
u64 HostWaits::expire(u64 now) {
    wake([now](const Wait& wait) { return wait.deadline <= now; });
    u64 next = HostAlarms::never;
    const Guard guard(lock_);
    for (const Place& place : places_) {
        next = place.waits && !place.woken ? std::min(next, place.wait.deadline) : next;
    }
    return next;
}

} // namespace trv::management
