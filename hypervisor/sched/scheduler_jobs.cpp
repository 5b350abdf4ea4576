// SPDX-License-Identifier: Apache-2.0
// Jobs: work of the hypervisor's own, between the time slices of vCPUs, and who pays for it.

#include "arch/clock.hpp"
#include "sched/per_cpu.hpp"
#include "sched/scheduler.hpp"
#include "sched/trace_points.hpp"

#include <algorithm>

namespace trv::sched {
namespace {

constexpr u64 job_step_microseconds = 1'000;
/// The time between steps of jobs on a busy CPU, so that the loading of a VM makes progress.
constexpr u64 job_pause_microseconds = 2'000;

} // namespace

void Scheduler::add_job(Job& job) {
    {
        const Guard guard(lock_);
        jobs_.push_back(job);
    }
    cpu_.request_attention();
}

void Scheduler::charge(Runnable& payer, u64 ticks) {
    if (&payer.home_ != &cpu_) {
        return; // it belongs to another scheduler
    }
    const bool queued = payer.run_state() == RunState::Ready;
    if (queued) {
        ready_.remove(payer);
    }
    payer.virtual_time_ =
        std::max(payer.virtual_time_, virtual_time_floor()) + ticks * reference_weight / payer.group_.weight;
    if (queued) {
        insert(payer);
    }
}

Job* Scheduler::next_job(bool wanted) {
    for (std::size_t left = jobs_.size(); left != 0; --left) {
        Job* const job = jobs_.pop_front();
        const Runnable* const payer = wanted && job->takes_turns() ? job->payer() : nullptr;
        if (payer == nullptr || &payer->home_ != &cpu_ || payer->virtual_time_ <= least_virtual_time_) {
            return job;
        }
        jobs_.push_back(*job);
    }
    return nullptr;
}

void Scheduler::step_job() {
    Job* job;
    {
        const Guard guard(lock_);
        const u64 now = arch::ticks();
        const bool wanted = current_ != nullptr || !ready_.empty();
        if (jobs_.empty() || (wanted && now < next_job_step_)) {
            return;
        }
        if (wanted) {
            account(now);
        }
        job = next_job(wanted);
        if (job == nullptr) {
            next_job_step_ = now + ticks_of(job_pause_microseconds);
            return;
        }
        if (current_ != nullptr) { // it waits meanwhile, like any other
            trace_leave(cpu_, *current_, trace::Cause::Job);
            enqueue(*current_);
            current_ = nullptr;
        }
    }
    trace_event(cpu_, trace::Kind::JobBegin);
    Runnable* const payer = job->payer(); // first: the job may be gone after its last step
    const u64 from = arch::ticks();
    interrupt_at(from + ticks_of(job_step_microseconds)); // if it is in OP-TEE, only an interrupt brings it back
    const bool more = job->step();
    const u64 to = arch::ticks();
    trace_event(cpu_, trace::Kind::JobEnd);
    const Guard guard(lock_);
    if (payer != nullptr) {
        charge(*payer, to - from);
    }
    if (more) {
        jobs_.push_back(*job);
    }
    next_job_step_ = to + ticks_of(job_pause_microseconds);
}

} // namespace trv::sched
