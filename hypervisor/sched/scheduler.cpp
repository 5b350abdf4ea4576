// SPDX-License-Identifier: Apache-2.0
#include "sched/scheduler.hpp"

#include "arch/asynchronous_error.hpp"
#include "arch/cpu/clock.hpp"
#include "arch/cpu/cpu_control.hpp"
#include "arch/cpu/wait.hpp"
#include "sched/interrupts.hpp"
#include "sched/per_cpu.hpp"
#include "sched/trace_points.hpp"

#include <algorithm>
#include <utility>

namespace trv::sched {
namespace {

constexpr u64 slice_microseconds = 10'000;
/// The time for which a vCPU runs before a waking vCPU of another VM preempts it: a hundred times the cost of the
/// switches there and back, so that a neighbour that wakes again and again takes at most a hundredth of its time in
/// this way.
constexpr u64 undisturbed_microseconds = 200;

constexpr u64 job_step_microseconds = 1'000;
/// The time between steps of jobs on a busy CPU, so that the loading of a VM makes progress.
constexpr u64 job_pause_microseconds = 2'000;

} // namespace

void Scheduler::enqueue_awake(Runnable& vcpu) {
    account(arch::ticks()); // the queue's time is as old as the current vCPU's last visit here, which may be hours
    ready_.enqueue_awake(vcpu);
    someone_woke_ = true;
    trace_event(this_cpu(), trace::Kind::Wake, vcpu, 0, cpu_.index);
}

void Scheduler::start(Runnable& vcpu) {
    {
        const Guard guard(lock_);
        enqueue_awake(vcpu);
    }
    cpu_.request_attention();
}

void Scheduler::wake(Runnable& vcpu) {
    // Before the state is checked: block() checks in the opposite order, so one of the two sees the other. Relaxed,
    // because both look under lock_.
    vcpu.woken_.store(true, std::memory_order_relaxed);
    if (&cpu_ == &this_cpu() && current_ == &vcpu) {
        return; // it is about to enter the guest, and checks then
    }
    {
        const Guard guard(lock_);
        if (vcpu.state_ == RunState::Blocked) {
            enqueue_awake(vcpu);
        } else if (vcpu.state_ != RunState::Running) {
            return; // Ready checks when it is loaded, Off never
        }
    }
    cpu_.request_attention();
}

void Scheduler::summon(Runnable& vcpu) {
    wake(vcpu);
    make_ready(vcpu, RunState::Waiting); // it looks at the request, and waits again unless its VM stops
    cpu_.request_attention();
}

void Scheduler::make_ready(Runnable& vcpu, RunState from) {
    {
        const Guard guard(lock_);
        if (vcpu.state_ != from) {
            return;
        }
        enqueue_awake(vcpu);
    }
    cpu_.request_attention();
}

void Scheduler::end_cap_hold(Runnable& vcpu) {
    // A pause continues, and its end releases all vCPUs; none may run in between. A pause is not stolen time.
    if (vcpu.run_state() == RunState::Held && vcpu.verdict() != Verdict::Hold) {
        vcpu.steal_time_ += arch::ticks() - vcpu.capped_since_;
        release(vcpu);
    }
}

void Scheduler::add_job(Job& job) {
    {
        const Guard guard(lock_);
        jobs_.add(job);
    }
    cpu_.request_attention();
}

void Scheduler::leave(RunState state, trace::Cause cause) {
    current_->state_ = state;
    trace_leave(cpu_, *current_, cause);
    current_ = nullptr;
}

void Scheduler::block() {
    const Guard guard(lock_);
    account(arch::ticks());
    // A request to stop or pause is looked at itself: clear_wake() may have overwritten the wake-up that announced it.
    // The requesting CPU records the request, then takes this lock in wake(). If it has the lock first, this CPU sees
    // the request here; otherwise that CPU finds the vCPU Blocked.
    if (current_->woken_.load(std::memory_order_relaxed) || current_->verdict() != Verdict::Run) {
        return;
    }
    leave(RunState::Blocked, trace::Cause::Blocked);
    cpu_.request_own_attention();
}

void Scheduler::park() {
    loaded_.forget(*current_);
    const Guard guard(lock_);
    account(arch::ticks());
    leave(RunState::Off, trace::Cause::Off);
    cpu_.request_own_attention();
}

// Out of line, as park() is: most vCPUs go on.
[[gnu::noinline]] void Scheduler::hold() {
    loaded_.forget(*current_);
    const Guard guard(lock_);
    account(arch::ticks());
    leave(RunState::Held, trace::Cause::Held);
}

bool Scheduler::await() {
    const Guard guard(lock_);
    // Looked at under the lock: who answers clears it and then takes the lock. If it has it first, this CPU sees the
    // answer here; otherwise it finds the vCPU Waiting.
    if (!current_->is_awaiting()) {
        return false;
    }
    // A request to stop or pause that came meanwhile has found it Running: as in block().
    if (current_->verdict() != Verdict::Run) {
        return true;
    }
    account(arch::ticks());
    leave(RunState::Waiting, trace::Cause::Blocked);
    return true;
}

void Scheduler::yield() {
    yielding_ = true;
    cpu_.request_own_attention();
}

void Scheduler::on_timer() {
    timer_.stop();
    cpu_.request_own_attention();
}

void Scheduler::account(u64 now) {
    if (current_ != nullptr && now > accounted_until_) { // another CPU may have read the counter a moment before
        RunQueue::charge(*current_, now - accounted_until_, now);
        accounted_until_ = now;
    }
    ready_.advance(current_);
}

void Scheduler::begin_slice(u64 now) {
    slice_end_ = now + std::min(ticks_of(slice_microseconds), current_->group_.cap.left(now));
}

bool Scheduler::is_overtaken(u64 now) {
    const Runnable* const first = ready_.front();
    const bool wanted = someone_woke_ && first != nullptr && first->virtual_time_ < current_->virtual_time_;
    if (wanted && &first->group_ != &current_->group_) { // within a VM it is not preempted early
        const u64 undisturbed_until = chosen_at_ + ticks_of(undisturbed_microseconds);
        if (now < undisturbed_until) {
            slice_end_ = std::min(slice_end_, undisturbed_until); // and the wake-up is remembered until then
            return false;
        }
    }
    someone_woke_ = false;
    return wanted;
}

void Scheduler::preempt(u64 now) {
    const Guard guard(lock_);
    account(now);
    const bool overtaken = is_overtaken(now);
    const bool yields = std::exchange(yielding_, false);
    if (!yields && !overtaken && now < slice_end_) {
        return;
    }
    if (ready_.empty()) {
        begin_slice(now);
    } else {
        trace_leave(cpu_, *current_,
                    yields      ? trace::Cause::Yield
                    : overtaken ? trace::Cause::Overtaken
                                : trace::Cause::SliceEnd);
        ready_.enqueue(*current_);
        current_ = nullptr;
    }
}

bool Scheduler::pick(u64 now) {
    const Guard guard(lock_);
    Runnable* const vcpu = ready_.pop_front();
    if (vcpu == nullptr) {
        return false;
    }
    someone_woke_ = false;
    yielding_ = false;
    vcpu->state_ = RunState::Running;
    vcpu->steal_time_ += now - std::min(now, vcpu->ready_since_); // it may have become ready after `now` was read
    current_ = vcpu;
    accounted_until_ = now;
    begin_slice(now);
    chosen_at_ = now;
    trace_event(cpu_, trace::Kind::Run, *vcpu);
    return true;
}

void Scheduler::program_timer() {
    auto deadline = cpu_.timers.next_deadline();
    if (current_ != nullptr && (at_entry_.rivals || current_->group_.cap.is_set())) {
        deadline = std::min(deadline.value_or(slice_end_), slice_end_);
    }
    if (current_ != nullptr && at_entry_.jobs) {
        deadline = std::min(deadline.value_or(next_job_step_), next_job_step_);
    }
    timer_.program(deadline);
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
        job = jobs_.take([this, wanted, least = ready_.least_virtual_time()](Job& next) {
            const Runnable* const payer = wanted && next.takes_turns() ? next.payer() : nullptr;
            return payer == nullptr || &payer->home() != &cpu_ || payer->virtual_time_ <= least;
        });
        if (job == nullptr) {
            next_job_step_ = now + ticks_of(job_pause_microseconds);
            return;
        }
        if (current_ != nullptr) { // it waits meanwhile, like any other
            trace_leave(cpu_, *current_, trace::Cause::Job);
            ready_.enqueue(*current_);
            current_ = nullptr;
        }
    }
    trace_event(cpu_, trace::Kind::JobBegin);
    Runnable* const payer = job->payer(); // first: the job may be gone after its last step
    const u64 from = arch::ticks();
    timer_.set(from + ticks_of(job_step_microseconds)); // if it is in OP-TEE, only an interrupt brings it back
    const bool more = job->step();
    const u64 to = arch::ticks();
    trace_event(cpu_, trace::Kind::JobEnd);
    const Guard guard(lock_);
    if (payer != nullptr && &payer->home() == &cpu_) { // others belong to another scheduler
        ready_.charge_for_job(*payer, to - from);
    }
    if (more) {
        jobs_.add(*job);
    }
    next_job_step_ = to + ticks_of(job_pause_microseconds);
}

void Scheduler::rest() {
    cpu_.watch_console(); // what the hypervisor wrote may wait for a slow UART, and no guest's access comes to send it
    bool jobs_wait;
    {
        const Guard guard(lock_);
        jobs_wait = !jobs_.empty();
    }
    if (arch::error_pending()) { // it would end the sleep at once, again and again
        arch::take_error();
    }
    if (!jobs_wait && !cpu_.attention.load(std::memory_order_seq_cst)) {
        const u64 from = arch::ticks();
        program_timer();
        trace_event(cpu_, trace::Kind::IdleBegin);
        arch::wait_for_interrupt();
        trace_event(cpu_, trace::Kind::IdleEnd);
        idle_time_ += arch::ticks() - from;
    }
    handle_interrupts(cpu_);
}

void Scheduler::look_for_rivals() {
    {
        const Guard guard(lock_);
        at_entry_.rivals = !ready_.empty();
        at_entry_.jobs = !jobs_.empty();
    }
    // A vCPU that is alone uses the real WFI, which is fastest; but under a cap, its sleep must not count as use.
    const bool trap = at_entry_.rivals || at_entry_.jobs || current_->group_.cap.is_set();
    if (trap != at_entry_.wfi_trapped) {
        at_entry_.wfi_trapped = trap;
        arch::trap_wfi(trap);
    }
}

bool Scheduler::withdraw(u64 now) {
    Runnable& vcpu = *current_;
    switch (vcpu.verdict()) {
    case Verdict::Park:
        park();
        vcpu.on_parked();
        return true;
    case Verdict::Hold:
        vcpu.on_held(); // first: once all are held, the pause is measured from here
        hold();
        if (vcpu.verdict() != Verdict::Hold) {
            release(vcpu); // the pause ended between the check and hold(), and so released nothing
        }
        return true;
    case Verdict::Run:
        break;
    }
    if (vcpu.is_awaiting() && await()) {
        return true;
    }
    Cap& cap = vcpu.group_.cap;
    if (cap.left(now) != 0) {
        return false;
    }
    hold();
    vcpu.capped_since_ = now;
    cpu_.timers.arm(vcpu.cap_timer_, cap.period_end(now));
    if (vcpu.verdict() == Verdict::Park) {
        release(vcpu); // as above: it does not wait for the end of the period
    }
    return true;
}

void Scheduler::run() {
    for (;;) {
        // Cleared before anything is looked at: what comes later sets it again. An exchange, so that what another CPU
        // did before it set the flag is visible to what follows here: see PerCpu::attention.
        (void)cpu_.attention.exchange(false, std::memory_order_seq_cst);
        deliver_errors();
        cpu_.timers.expire(arch::ticks());
        step_job();
        const u64 now = arch::ticks();
        if (current_ != nullptr) {
            preempt(now);
        }
        if (current_ == nullptr && !pick(now)) {
            rest();
            continue;
        }
        if (withdraw(now)) {
            continue;
        }
        loaded_.become(*current_);
        current_->prepare();
        look_for_rivals();
        program_timer();
        if (!cpu_.attention.load(std::memory_order_seq_cst)) {
            return;
        }
    }
}

} // namespace trv::sched
