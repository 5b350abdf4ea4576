// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which vCPU runs on one physical CPU. Proportional share: each vCPU has a virtual time that advances more slowly the
// greater its VM's weight; the ready vCPU with the least goes next, for a bounded slice. A vCPU that wakes for an
// interrupt preempts one that is ahead of it, once that has run long enough for the switch to be worth it.
//
// A vCPU that blocks stays loaded (its registers and list registers remain in the hardware) until another one needs the
// CPU: waking the same vCPU again costs no switch.

#include "lib/types.hpp"
#include "sched/job.hpp"
#include "sched/loaded_vcpu.hpp"
#include "sched/run_queue.hpp"
#include "sched/timer_queue.hpp"
#include "sync/spinlock.hpp"
#include "trace/ring.hpp"

namespace trv::sched {

struct PerCpu;

class Scheduler {
  public:
    explicit constexpr Scheduler(PerCpu& cpu) : cpu_(cpu) {}

    // From any CPU.

    /// Off → Ready: the vCPU was powered on. Its context is ready to be loaded.
    void start(Runnable& vcpu) EXCLUDES(lock_);
    /// An interrupt became pending for it: Blocked → Ready; a vCPU that is running on another CPU is kicked into EL2.
    void wake(Runnable& vcpu) EXCLUDES(lock_);
    /// As wake(), and its CPU runs its scheduler in any case: the vCPU's VM stops or is paused.
    void summon(Runnable& vcpu) EXCLUDES(lock_);
    /// Held → Ready, if it is held.
    void release(Runnable& vcpu) EXCLUDES(lock_) { make_ready(vcpu, RunState::Held); }
    /// The exit that the vCPU awaits is answered: Waiting → Ready, if it has come to wait yet.
    void end_await(Runnable& vcpu) EXCLUDES(lock_) { make_ready(vcpu, RunState::Waiting); }
    /// The period in which the vCPU's VM had used up its cap has ended: Held → Ready. Own CPU.
    void end_cap_hold(Runnable& vcpu) EXCLUDES(lock_);
    /// Runs the job's steps on this CPU until it is done.
    void add_job(Job& job) EXCLUDES(lock_);

    // On the own CPU only.

    /// The vCPU whose guest is entered next; null only inside run().
    [[nodiscard]] Runnable* current() const { return current_; }
    [[nodiscard]] Runnable* loaded() const { return loaded_.get(); }
    /// Running → Blocked, unless wake() came since the vCPU's clear_wake(), or its VM stops or is paused. The caller
    /// then leaves through run().
    void block() EXCLUDES(lock_);
    /// Running → Off. Discards the vCPU's state in the hardware.
    void park() EXCLUDES(lock_);
    /// The current vCPU yields the CPU to others (WFE, SMCCC yield).
    void yield();
    /// Handles expired deadlines, jobs, preemption and idling; returns when current() is loaded and may enter its
    /// guest.
    void run() EXCLUDES(lock_);
    /// The slice timer or a deadline has expired.
    void on_timer();
    /// Reports the asynchronous error that EL2 has taken on this CPU since the last time, if any, to the vCPU that is
    /// loaded. That one caused it: none is loaded before the one before it has settled its own. Without any, it was
    /// the hypervisor's own access, which is a panic.
    void deliver_errors() { loaded_.deliver_errors(); }

    [[nodiscard]] u64 idle_time() const { return idle_time_; }

  private:
    void make_ready(Runnable& vcpu, RunState from) EXCLUDES(lock_);
    void enqueue_awake(Runnable& vcpu) REQUIRES(lock_);
    /// The current vCPU, whose time is accounted for, stops running.
    void leave(RunState state, trace::Cause cause) REQUIRES(lock_);
    /// Charges the current vCPU for its run time.
    void account(u64 now) REQUIRES(lock_);
    void begin_slice(u64 now) REQUIRES(lock_);
    /// Whether a vCPU that woke preempts the current one now. If it must wait, the slice ends at that time.
    bool is_overtaken(u64 now) REQUIRES(lock_);
    /// Moves the current vCPU back to the queue if its slice has ended or a vCPU with less virtual time woke.
    void preempt(u64 now) EXCLUDES(lock_);
    /// @return whether a vCPU became current
    bool pick(u64 now) EXCLUDES(lock_);
    /// Runs one step of the next job, if no vCPU is ready or enough time has passed since the last step.
    void step_job() EXCLUDES(lock_);
    /// Takes the current vCPU off the CPU if its VM stops, is paused, or has used up its cap, or if it awaits an
    /// answer. @return whether it did
    bool withdraw(u64 now) EXCLUDES(lock_);
    void hold() EXCLUDES(lock_);
    /// Running → Waiting, unless its exit is answered, or its VM stops or is paused.
    /// @return whether the guest is not entered: it waits, or is to be looked at again
    bool await() EXCLUDES(lock_);
    /// No vCPU can run: sleeps until an interrupt comes, or handles pending ones between two steps of a job.
    void rest() EXCLUDES(lock_);
    void look_for_rivals() EXCLUDES(lock_);
    void program_timer();

    PerCpu& cpu_;
    Runnable* current_ = nullptr; ///< written by the own CPU under lock_; read there without, elsewhere under it
    LoadedVcpu loaded_{cpu_};
    u64 chosen_at_ = 0;     ///< counter ticks; when the current vCPU was picked
    u64 slice_end_ = 0;     ///< counter ticks
    u64 next_job_step_ = 0; ///< counter ticks; if vCPUs are ready as well
    u64 idle_time_ = 0;     ///< counter ticks
    HypTimer timer_;
    struct {
        bool rivals = false;      ///< other vCPUs were ready
        bool jobs = false;        ///< jobs wait for their next step
        bool wfi_trapped = false; ///< for one of these reasons, or for a cap
    } at_entry_;                  ///< when the guest was entered last
    bool yielding_ = false;

    SpinLock lock_;
    RunQueue ready_ GUARDED_BY(lock_);
    JobQueue jobs_ GUARDED_BY(lock_);
    u64 accounted_until_ GUARDED_BY(lock_) = 0;   ///< counter ticks
    bool someone_woke_ GUARDED_BY(lock_) = false; ///< since the current vCPU was last compared with the queue
};

} // namespace trv::sched
