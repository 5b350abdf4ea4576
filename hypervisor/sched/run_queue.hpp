// SPDX-License-Identifier: Apache-2.0
#pragma once
// The vCPUs that want one physical CPU, in the order of their virtual time: time that they ran, divided by their VM's
// weight. Callers serialise. Inline, because each switch of vCPUs goes through here.

#include "arch/cpu/clock.hpp"
#include "lib/list.hpp"
#include "lib/types.hpp"
#include "sched/runnable.hpp"
#include "sched/timer_queue.hpp"

#include <algorithm>

namespace trv::sched {

class RunQueue {
  public:
    constexpr RunQueue() = default;

    [[nodiscard]] bool empty() const { return vcpus_.empty(); }
    /// The one with the least virtual time; null if there is none.
    [[nodiscard]] Runnable* front() const { return vcpus_.front(); }
    [[nodiscard]] Runnable* pop_front() { return vcpus_.pop_front(); }

    /// The vCPU is Ready from now on.
    void enqueue(Runnable& vcpu);
    /// The same for one that slept: it is placed at most a little ahead of those that ran meanwhile.
    void enqueue_awake(Runnable& vcpu);

    /// Charges a vCPU for time that it ran.
    static void charge(Runnable& vcpu, u64 ran, u64 now);
    /// Charges one for a job's step, queued or not.
    void charge_for_job(Runnable& payer, u64 ticks);
    /// Time has passed: `current`, whose time is accounted for, runs beside those in the queue; null for none.
    void advance(const Runnable* current);
    /// Of those that run or are ready.
    [[nodiscard]] u64 least_virtual_time() const { return least_virtual_time_; }

  private:
    /// Virtual time passes as real time does for a vCPU of this weight.
    static constexpr u64 reference_weight = 100;
    /// How far behind the running vCPU one that slept for long is placed: enough to run first, not enough to starve
    /// others.
    static constexpr u64 wake_credit_microseconds = 1'000;

    void insert(Runnable& vcpu);
    /// The minimum virtual time of a vCPU that enters the queue.
    [[nodiscard]] u64 floor() const;

    List<Runnable, &Runnable::queue_node_> vcpus_; ///< least virtual time first
    /// The reference for a vCPU that slept: the least virtual time of all vCPUs that run or are ready; never decreases.
    u64 least_virtual_time_ = 0;
};

inline void RunQueue::insert(Runnable& vcpu) {
    Runnable* later = vcpus_.front();
    while (later != nullptr && later->virtual_time_ <= vcpu.virtual_time_) {
        later = vcpus_.after(*later);
    }
    vcpus_.insert_before(later, vcpu);
}

inline u64 RunQueue::floor() const {
    const u64 credit = ticks_of(wake_credit_microseconds);
    return least_virtual_time_ > credit ? least_virtual_time_ - credit : 0;
}

inline void RunQueue::enqueue(Runnable& vcpu) {
    vcpu.state_ = RunState::Ready;
    vcpu.ready_since_ = arch::ticks();
    insert(vcpu);
}

inline void RunQueue::enqueue_awake(Runnable& vcpu) {
    vcpu.virtual_time_ = std::max(vcpu.virtual_time_, floor());
    enqueue(vcpu);
}

inline void RunQueue::charge(Runnable& vcpu, u64 ran, u64 now) {
    vcpu.run_time_ += ran;
    // The division's remainder is kept: many short runs cost as much as a long one.
    const u64 owed = vcpu.unpaid_ + ran * reference_weight;
    vcpu.virtual_time_ += owed / vcpu.group_.weight;
    vcpu.unpaid_ = owed % vcpu.group_.weight;
    vcpu.group_.cap.charge(ran, now);
}

inline void RunQueue::charge_for_job(Runnable& payer, u64 ticks) {
    const bool queued = payer.run_state() == RunState::Ready;
    if (queued) {
        vcpus_.remove(payer);
    }
    payer.virtual_time_ = std::max(payer.virtual_time_, floor()) + ticks * reference_weight / payer.group_.weight;
    if (queued) {
        insert(payer);
    }
}

inline void RunQueue::advance(const Runnable* current) {
    const Runnable* behind = vcpus_.front();
    if (current != nullptr && (behind == nullptr || current->virtual_time_ < behind->virtual_time_)) {
        behind = current;
    }
    if (behind != nullptr) {
        least_virtual_time_ = std::max(least_virtual_time_, behind->virtual_time_);
    }
}

} // namespace trv::sched
