// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deadlines of what the host's programs and VMs wait for, from any CPU: each has a timer, armed for the earliest that it
// knows of.

#include "sched/per_cpu.hpp"
#include "sched/timer_queue.hpp"

#include <array>

namespace trv::management {

class HostAlarms {
  public:
    static constexpr u64 never = ~u64{0};
    /// @return the next deadline, whichever CPU it came from; or never. Context: any CPU, no lock held.
    using Expire = u64 (*)(void* context, u64 now);

    HostAlarms(Expire expire, void* context) : expire_(expire), context_(context) {
        for (Alarm& alarm : alarms_) {
            alarm.all = this;
        }
    }
    HostAlarms(const HostAlarms&) = delete;
    HostAlarms& operator=(const HostAlarms&) = delete;

    /// @param deadline in counter ticks
    void arm(u64 deadline) { arm(alarms_[sched::this_cpu().index], deadline); }

  private:
    struct Alarm {
        sched::SoftTimer timer{expired, this};
        HostAlarms* all = nullptr;
    };

    /// Context: the alarm's CPU.
    static void arm(Alarm& alarm, u64 deadline) {
        if (!alarm.timer.armed() || alarm.timer.deadline() > deadline) {
            sched::this_cpu().timers.arm(alarm.timer, deadline);
            sched::this_cpu().request_own_attention(); // the scheduler programs the hardware's timer
        }
    }
    static void expired(void* context) {
        Alarm& alarm = *static_cast<Alarm*>(context);
        if (const u64 next = alarm.all->expire_(alarm.all->context_, arch::ticks()); next != never) {
            arm(alarm, next);
        }
    }

    Expire expire_;
    void* context_;
    std::array<Alarm, max_cpus> alarms_{};
};

} // namespace trv::management
