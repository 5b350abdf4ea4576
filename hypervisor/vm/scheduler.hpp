#pragma once
// Which vCPU runs on one physical CPU. Proportional share: each vCPU has a virtual time that advances more slowly the
// greater its VM's weight; the ready vCPU with the least goes next, for a bounded slice. A vCPU that wakes for an
// interrupt preempts one that is ahead of it, once that has run long enough for the switch to be worth it.
//
// A vCPU that blocks stays loaded (its registers and list registers remain in the hardware) until another one needs the
// CPU: waking the same vCPU again costs no switch.

#include "lib/list.hpp"
#include "lib/spinlock.hpp"
#include "lib/types.hpp"
#include "vm/job.hpp"
#include "vm/vcpu.hpp"

#include <array>

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
    /// The period is over in which the VM of a vCPU had used up its cap: Held → Ready. Own CPU.
    void end_cap_hold(Vcpu& vcpu) EXCLUDES(lock_);
    /// Runs the job's steps on this CPU until it says it is done.
    void add_job(Job& job) EXCLUDES(lock_);

    // On the own CPU only.

    /// The vCPU whose guest is entered next; null only inside run().
    [[nodiscard]] Vcpu* current() const { return current_; }
    [[nodiscard]] Vcpu* loaded() const { return loaded_; }
    /// Running → Blocked, unless wake() came since the vCPU's clear_wake(), or its VM stops or is paused. The caller
    /// then leaves through run().
    void block() EXCLUDES(lock_);
    /// Running → Off. What the hardware holds of the vCPU is forgotten.
    void park() EXCLUDES(lock_);
    /// The current vCPU offers the CPU to others (WFE, SMCCC yield).
    void yield();
    /// Expired deadlines, jobs, preemption, idling: returns when current() is loaded and may enter its guest.
    void run() EXCLUDES(lock_);
    /// The slice timer or a deadline came.
    void on_timer();

    [[nodiscard]] u64 idle_time() const { return idle_time_; }

  private:
    void enqueue(Vcpu& vcpu) REQUIRES(lock_);
    /// Where its virtual time puts it in the queue.
    void insert(Vcpu& vcpu) REQUIRES(lock_);
    void enqueue_awake(Vcpu& vcpu) REQUIRES(lock_);
    /// Charges the current vCPU for what it ran, and moves least_virtual_time_ on.
    void account(u64 now) REQUIRES(lock_);
    void begin_slice(u64 now) REQUIRES(lock_);
    /// Whether one that woke goes before the current vCPU now. If it has to wait for that, the slice ends then.
    bool is_overtaken(u64 now) REQUIRES(lock_);
    /// Moves the current vCPU back to the queue when its slice is over or one with less virtual time woke.
    void preempt(u64 now) EXCLUDES(lock_);
    /// @return whether a vCPU became current
    bool pick(u64 now) EXCLUDES(lock_);
    /// Takes out the next job whose turn it is; null if there is none. @param wanted vCPUs want the CPU, too
    [[nodiscard]] Job* next_job(bool wanted) REQUIRES(lock_);
    /// Runs one step of the next job, if no vCPU is ready or enough time has passed since the last step.
    void step_job() EXCLUDES(lock_);
    /// Takes the current vCPU off the CPU if its VM stops, is paused, or has used up its cap. @return whether it did
    bool withdraw(u64 now) EXCLUDES(lock_);
    /// The job's last step took so long: its payer, which does not run meanwhile, gets that much less later.
    void charge(Vcpu& payer, u64 ticks) REQUIRES(lock_);
    /// What a vCPU that was not in the queue begins with at least.
    [[nodiscard]] u64 virtual_time_floor() const REQUIRES(lock_);
    void hold() EXCLUDES(lock_);
    void make_loaded(Vcpu& vcpu);
    /// While a sleeper is loaded, its virtual timer interrupts us directly; afterwards a deadline of ours does.
    void stand_in_for_timer(Vcpu& unloaded);
    void forget(Vcpu& vcpu);
    /// No vCPU can run: sleeps until an interrupt comes, or takes those there are between two steps of a job.
    void rest() EXCLUDES(lock_);
    void look_for_rivals() EXCLUDES(lock_);
    void program_timer();
    void interrupt_at(u64 ticks);

    PerCpu& cpu_;
    Vcpu* current_ = nullptr; ///< written by the own CPU under lock_; read there without, elsewhere under it
    Vcpu* loaded_ = nullptr;
    u64 chosen_at_ = 0;     ///< counter ticks; when the current vCPU was
    u64 slice_end_ = 0;     ///< counter ticks
    u64 next_job_step_ = 0; ///< counter ticks; when vCPUs want the CPU, too
    u64 programmed_ = 0;    ///< the deadline in the hyp timer, 0 = stopped
    u64 idle_time_ = 0;     ///< counter ticks
    bool rivals_ = false;   ///< other vCPUs were ready when the guest was entered last
    bool jobs_wait_ = false;
    bool wfi_trapped_ = false;
    bool yielding_ = false;
    std::array<u8, max_vms> last_vcpu_{}; ///< which vCPU of each VM was loaded here last

    SpinLock lock_;
    List<Vcpu, &Vcpu::queue_node_> ready_ GUARDED_BY(lock_); ///< least virtual time first
    List<Job, &Job::node_> jobs_ GUARDED_BY(lock_);
    u64 accounted_until_ GUARDED_BY(lock_) = 0; ///< counter ticks
    /// What a vCPU that slept is measured against: follows the one that is furthest behind of all that run or could;
    /// never goes back.
    u64 least_virtual_time_ GUARDED_BY(lock_) = 0;
    bool someone_woke_ GUARDED_BY(lock_) = false; ///< since the current vCPU was last compared with the queue
};

} // namespace trv::vm
