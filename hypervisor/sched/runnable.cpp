// SPDX-License-Identifier: Apache-2.0
#include "sched/runnable.hpp"

#include "sched/per_cpu.hpp"

namespace trv::sched {
namespace {

void wake_runnable(void* context) {
    static_cast<Runnable*>(context)->wake();
}

void end_cap_hold(void* context) {
    Runnable& vcpu = *static_cast<Runnable*>(context);
    vcpu.home().scheduler.end_cap_hold(vcpu);
}

} // namespace

Runnable::Runnable(Group& group, unsigned index, PerCpu& home)
    : group_(group), home_(home), index_(index), timer_wake_(wake_runnable, this), cap_timer_(end_cap_hold, this) {}

void Runnable::await() {
    // Relaxed: who ends it learns of the exit from this CPU, by a lock.
    awaiting_.store(true, std::memory_order_relaxed);
    home_.request_own_attention();
}

void Runnable::wake() {
    home_.scheduler.wake(*this);
}

} // namespace trv::sched
