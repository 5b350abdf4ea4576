#pragma once
// Which vCPU runs on one physical CPU. Proportional share: each vCPU has a virtual time that advances more slowly the greater
// its VM's weight; the ready vCPU with the least goes next, for a bounded slice. A vCPU that wakes for an interrupt preempts
// one that is ahead of it.
//
// A vCPU that blocks stays loaded (its registers and list registers remain in the hardware) until another one needs the CPU:
// waking the same vCPU again costs no switch.

#include "lib/list.hpp"
#include "lib/spinlock.hpp"
#include "lib/types.hpp"
#include "vm/job.hpp"
#include "vm/vcpu.hpp"

namespace trv::vm {

struct PerCpu;

class Scheduler {
  public:
    explicit constexpr Scheduler(PerCpu& cpu) : cpu_(cpu) {}

    // From any CPU.

    /// Off → Ready: the vCPU was powered on. Its context is ready to be loaded.
    void start(Vcpu& vcpu) EXCLUDES(lock_);
    /// An interrupt for it: Blocked → Ready; a vCPU that runs on another CPU just now comes by EL2.
    void wake(Vcpu& vcpu) EXCLUDES(lock_);
    /// The same, and its CPU runs its scheduler in any case: the vCPU's VM stops or is paused.
    void summon(Vcpu& vcpu) EXCLUDES(lock_);
    /// Held → Ready, if it is held.
    void release(Vcpu& vcpu) EXCLUDES(lock_);
    /// Runs the job's steps on this CPU until it says it is done.
    void add_job(Job& job) EXCLUDES(lock_);

    // On the own CPU only.

    /// The vCPU whose guest is entered next; null only inside run().
    [[nodiscard]] Vcpu* current() const { return current_; }
    [[nodiscard]] Vcpu* loaded() const { return loaded_; }
    /// Running → Blocked, unless wake() came since the vCPU's clear_wake(). The caller then leaves through run().
    void block() EXCLUDES(lock_);
    /// Running → Off. What the hardware holds of the vCPU is forgotten.
    void park() EXCLUDES(lock_);
    /// The current vCPU offers the CPU to others (WFE, SMCCC yield).
    void yield();
    /// Expired deadlines, jobs, preemption, idling: returns when current() is loaded and may enter its guest.
    void run() EXCLUDES(lock_);
    /// The slice timer or a deadline came.
    void on_timer();
    /// Whether a guest's WFI must come to us: not when the vCPU is alone here, then the real WFI serves best.
    [[nodiscard]] bool is_contended() const { return contended_; }

    [[nodiscard]] u64 idle_time() const { return idle_time_; }

  private:
    void enqueue(Vcpu& vcpu) REQUIRES(lock_);
    void enqueue_awake(Vcpu& vcpu) REQUIRES(lock_);
    void account(u64 now);
    /// Moves the current vCPU back to the queue when its slice is over or one with less virtual time is ready.
    void preempt(u64 now) EXCLUDES(lock_);
    /// @return whether a vCPU became current
    bool pick(u64 now) EXCLUDES(lock_);
    bool step_job() EXCLUDES(lock_);
    /// Takes the current vCPU off the CPU if its VM stops, is paused, or has used up its cap. @return whether it did
    bool withdraw(u64 now) EXCLUDES(lock_);
    void hold() EXCLUDES(lock_);
    void make_loaded(Vcpu& vcpu);
    void forget(Vcpu& vcpu);
    void idle();
    void update_contention() EXCLUDES(lock_);
    void program_timer(u64 now);

    PerCpu& cpu_;
    Vcpu* current_ = nullptr;
    Vcpu* loaded_ = nullptr;
    u64 slice_end_ = 0;        ///< counter ticks; when contended
    u64 accounted_until_ = 0;  ///< counter ticks
    u64 programmed_ = 0;       ///< the deadline in the hyp timer, 0 = stopped
    u64 idle_time_ = 0;        ///< counter ticks
    bool contended_ = false;
    bool yielding_ = false;

    SpinLock lock_;
    List<Vcpu, &Vcpu::queue_node_> ready_ GUARDED_BY(lock_); ///< least virtual time first
    List<Job, &Job::node_> jobs_ GUARDED_BY(lock_);
    u64 least_virtual_time_ GUARDED_BY(lock_) = 0; ///< of the vCPU picked last; never goes back
    bool someone_woke_ GUARDED_BY(lock_) = false;  ///< since the current vCPU was last compared with the queue
};

} // namespace trv::vm
