#include "vm/scheduler.hpp"

#include "arch/clock.hpp"
#include "arch/cpu_control.hpp"
#include "arch/hyp_timer.hpp"
#include "arch/idle.hpp"
#include "arch/stage2_switch.hpp"
#include "vm/interrupts.hpp"
#include "vm/per_cpu.hpp"
#include "vm/vm.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

constexpr u64 slice_milliseconds = 10;
constexpr u64 slice_beside_job_milliseconds = 2; ///< a VM that is being loaded makes progress on a busy CPU, too
/// How far behind the running vCPU one that slept for long may be put: enough to go first, not enough to starve others.
constexpr u64 wake_credit_milliseconds = 1;
constexpr u64 reference_weight = 100;

[[nodiscard]] u64 ticks_of(u64 milliseconds) { return arch::tick_hz() / 1000 * milliseconds; }

} // namespace

void Scheduler::enqueue(Vcpu& vcpu) {
    vcpu.state_ = RunState::Ready;
    vcpu.ready_since_ = arch::ticks();
    Vcpu* later = ready_.front();
    while (later != nullptr && later->virtual_time_ <= vcpu.virtual_time_) {
        later = ready_.after(*later);
    }
    ready_.insert_before(later, vcpu);
}

void Scheduler::enqueue_awake(Vcpu& vcpu) {
    const u64 credit = ticks_of(wake_credit_milliseconds);
    const u64 floor = least_virtual_time_ > credit ? least_virtual_time_ - credit : 0;
    vcpu.virtual_time_ = std::max(vcpu.virtual_time_, floor);
    enqueue(vcpu);
    someone_woke_ = true;
}

void Scheduler::start(Vcpu& vcpu) {
    {
        const Guard guard(lock_);
        enqueue_awake(vcpu);
    }
    cpu_.request_attention();
}

void Scheduler::wake(Vcpu& vcpu) {
    // Before the state is looked at: block() looks the other way round, so one of the two sees the other.
    vcpu.woken_.store(true, std::memory_order_seq_cst);
    if (&cpu_ == &this_cpu() && current_ == &vcpu) {
        return; // it is on its way back to the guest, and sees what there is when it enters
    }
    {
        const Guard guard(lock_);
        if (vcpu.state_ == RunState::Blocked) {
            enqueue_awake(vcpu);
        } else if (vcpu.state_ != RunState::Running) {
            return; // Ready looks when it is loaded, Off never
        }
    }
    cpu_.request_attention();
}

void Scheduler::summon(Vcpu& vcpu) {
    wake(vcpu);
    cpu_.request_attention();
}

void Scheduler::release(Vcpu& vcpu) {
    {
        const Guard guard(lock_);
        if (vcpu.state_ != RunState::Held) {
            return;
        }
        enqueue_awake(vcpu);
    }
    cpu_.request_attention();
}

void Scheduler::add_job(Job& job) {
    {
        const Guard guard(lock_);
        jobs_.push_back(job);
    }
    cpu_.request_attention();
}

void Scheduler::block() {
    account(arch::ticks());
    const Guard guard(lock_);
    if (current_->woken_.load(std::memory_order_seq_cst)) {
        return;
    }
    current_->state_ = RunState::Blocked;
    current_ = nullptr;
    cpu_.attention.store(true, std::memory_order_relaxed);
}

void Scheduler::park() {
    account(arch::ticks());
    forget(*current_);
    const Guard guard(lock_);
    current_->state_ = RunState::Off;
    current_ = nullptr;
    cpu_.attention.store(true, std::memory_order_relaxed);
}

void Scheduler::hold() {
    account(arch::ticks());
    forget(*current_);
    const Guard guard(lock_);
    current_->state_ = RunState::Held;
    current_ = nullptr;
}

void Scheduler::yield() {
    yielding_ = true;
    cpu_.attention.store(true, std::memory_order_relaxed);
}

void Scheduler::on_timer() {
    arch::stop_hyp_timer();
    programmed_ = 0;
    cpu_.attention.store(true, std::memory_order_relaxed);
}

void Scheduler::account(u64 now) {
    const u64 ran = now - accounted_until_;
    accounted_until_ = now;
    current_->run_time_ += ran;
    current_->virtual_time_ += ran * reference_weight / current_->vm().weight();
    current_->vm().cap().charge(ran, now);
}

void Scheduler::preempt(u64 now) {
    account(now);
    const Guard guard(lock_);
    const bool woke = someone_woke_;
    someone_woke_ = false;
    const Vcpu* const first = ready_.front();
    const bool overtaken = woke && first != nullptr && first->virtual_time_ < current_->virtual_time_;
    if ((first != nullptr || !jobs_.empty()) && (yielding_ || overtaken || now >= slice_end_)) {
        enqueue(*current_);
        current_ = nullptr;
    }
    yielding_ = false;
}

bool Scheduler::pick(u64 now) {
    const Guard guard(lock_);
    Vcpu* const vcpu = ready_.pop_front();
    if (vcpu == nullptr) {
        return false;
    }
    someone_woke_ = false;
    vcpu->state_ = RunState::Running;
    vcpu->steal_time_ += now - vcpu->ready_since_;
    least_virtual_time_ = std::max(least_virtual_time_, vcpu->virtual_time_);
    current_ = vcpu;
    accounted_until_ = now;
    const u64 slice = ticks_of(jobs_.empty() ? slice_milliseconds : slice_beside_job_milliseconds);
    slice_end_ = now + std::min(slice, vcpu->vm().cap().left(now));
    return true;
}

bool Scheduler::step_job() {
    Job* job;
    {
        const Guard guard(lock_);
        job = jobs_.pop_front();
    }
    if (job != nullptr && job->step()) {
        const Guard guard(lock_);
        jobs_.push_back(*job);
    }
    const Guard guard(lock_);
    return !jobs_.empty();
}

void Scheduler::forget(Vcpu& vcpu) {
    cpu_.timers.disarm(vcpu.virtual_timer_wake_);
    cpu_.timers.disarm(vcpu.cap_timer_);
    if (loaded_ == &vcpu) {
        vcpu.unload();
        arch::leave_stage2(); // its VM may end now, and the tables with it
        loaded_ = nullptr;
        cpu_.registers = nullptr;
    }
}

void Scheduler::make_loaded(Vcpu& vcpu) {
    if (loaded_ == &vcpu) {
        if (vcpu.loaded_offset_ != vcpu.vm().counter_offset()) { // the VM was paused meanwhile
            vcpu.loaded_offset_ = vcpu.vm().counter_offset();
            arch::set_counter_offset(vcpu.loaded_offset_);
        }
        return;
    }
    if (loaded_ != nullptr) {
        Vcpu& previous = *loaded_;
        previous.unload();
        // While it was loaded its virtual timer could interrupt us directly; now a deadline of ours stands in for it.
        if (const auto deadline = previous.virtual_timer_deadline()) {
            cpu_.timers.arm(previous.virtual_timer_wake_, *deadline);
        }
    }
    cpu_.timers.disarm(vcpu.virtual_timer_wake_);
    vcpu.load();
    loaded_ = &vcpu;
    cpu_.registers = &vcpu.registers();
}

void Scheduler::program_timer(u64 now) {
    auto deadline = cpu_.timers.next_deadline();
    if (current_ != nullptr && (contended_ || current_->vm().cap().is_set())) {
        deadline = std::min(deadline.value_or(~u64{0}), std::max(slice_end_, now));
    }
    if (!deadline) {
        if (programmed_ != 0) {
            arch::stop_hyp_timer();
            programmed_ = 0;
        }
    } else if (programmed_ != *deadline) {
        arch::set_hyp_timer(*deadline);
        programmed_ = *deadline;
    }
}

void Scheduler::idle() {
    const u64 from = arch::ticks();
    program_timer(from);
    arch::wait_for_interrupt();
    idle_time_ += arch::ticks() - from;
    handle_interrupts(cpu_);
}

void Scheduler::update_contention() {
    bool contended;
    {
        const Guard guard(lock_);
        contended = !ready_.empty() || !jobs_.empty();
    }
    if (contended != contended_) {
        contended_ = contended;
        arch::trap_wfi(contended);
    }
}

bool Scheduler::withdraw(u64 now) {
    Vcpu& vcpu = *current_;
    Vm& vm = vcpu.vm();
    if (vm.is_stopping()) {
        park();
        vm.on_parked(vcpu);
        return true;
    }
    if (vm.is_paused()) {
        hold();
        vm.on_held();
        return true;
    }
    if (vm.cap().left(now) == 0) {
        hold();
        cpu_.timers.arm(vcpu.cap_timer_, vm.cap().period_end(now));
        return true;
    }
    return false;
}

void Scheduler::run() {
    for (;;) {
        // Cleared before anything is looked at: what comes later sets it again.
        cpu_.attention.store(false, std::memory_order_seq_cst);
        const u64 now = arch::ticks();
        cpu_.timers.expire(now);
        const bool more_jobs = step_job();
        if (current_ != nullptr) {
            preempt(now);
        }
        if (current_ == nullptr && !pick(now)) {
            if (!more_jobs && !cpu_.attention.load(std::memory_order_seq_cst)) {
                idle();
            }
            continue;
        }
        if (withdraw(now)) {
            continue;
        }
        make_loaded(*current_);
        current_->vm().stolen_time().publish(current_->index(), current_->steal_time_);
        current_->vm().vgic().flush(current_->index());
        update_contention();
        program_timer(now);
        if (!cpu_.attention.load(std::memory_order_seq_cst)) {
            return;
        }
    }
}

} // namespace trv::vm
