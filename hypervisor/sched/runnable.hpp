// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a scheduler runs: a vCPU, seen as something that takes a CPU's time, and the VM that it belongs to, seen as a
// weight and a cap. vm::Vcpu derives from it; the scheduler knows no more of VMs than this.

#include "lib/list.hpp"
#include "lib/types.hpp"
#include "sched/cap.hpp"
#include "sched/timer_queue.hpp"

#include <atomic>
#include <optional>

namespace trv::sched {

class Scheduler;
struct PerCpu;

/// Scheduling state; written under the home CPU's scheduler lock.
enum class RunState : u8 {
    Off,     ///< powered off, or parked because its VM stops
    Ready,   ///< in the run queue
    Running, ///< current on its CPU
    Blocked, ///< waits in WFI
    Held,    ///< ready to run, but its VM is paused or has used up its cap
    Waiting, ///< awaits the answer to an exit; no interrupt wakes it
};

/// What the vCPUs of one VM have in common.
struct Group {
    unsigned index; ///< of the VM; below max_vms
    u32 weight;     ///< share of CPU time in relation to others; not 0
    Cap cap;
};

/// What its VM wants of a vCPU that could run.
enum class Verdict : u8 {
    Run,
    Hold, ///< the VM is paused
    Park, ///< the VM stops
};

class Runnable {
  public:
    Runnable(Group& group, unsigned index, PerCpu& home);
    Runnable(const Runnable&) = delete;
    Runnable& operator=(const Runnable&) = delete;

    [[nodiscard]] Group& group() { return group_; }
    /// Number within its group.
    [[nodiscard]] unsigned index() const { return index_; }
    /// The only physical CPU that runs it. Its hardware-mapped interrupts and lazily saved registers are there.
    [[nodiscard]] PerCpu& home() const { return home_; }

    /// Wakes it for an interrupt. From any CPU.
    void wake();
    /// A wake from here on is seen by Scheduler::block(), whatever the caller looks at in between to find out whether
    /// there is work. Relaxed: the lock that guards what the caller looks at, which it takes next and the waker took
    /// before it sets the flag, decides which of the two comes last. Wakes for other reasons may be overwritten;
    /// block() looks at those itself.
    void clear_wake() { woken_.store(false, std::memory_order_relaxed); }

    /// The exit of the current vCPU is completed later: it runs again only after end_await(). Own CPU; the caller leaves
    /// through run().
    void await();
    /// Scheduler::end_await() follows, except where the vCPU stops. From any CPU. Release pairs with is_awaiting().
    void end_await() { awaiting_.store(false, std::memory_order_release); }
    [[nodiscard]] bool is_awaiting() const { return awaiting_.load(std::memory_order_acquire); }

    /// Ticks that it ran; and ticks since its VM's start in which it was ready but did not run, including those lost to
    /// its VM's cap. May be a slice old.
    [[nodiscard]] u64 run_time() const { return run_time_; }
    [[nodiscard]] u64 steal_time() const { return steal_time_; }
    /// For a restart of its VM. Precondition: it is off.
    void forget_steal_time() { steal_time_ = 0; }
    [[nodiscard]] RunState run_state() const { return state_.load(std::memory_order_relaxed); }

  protected:
    ~Runnable() = default;

    // What the scheduler asks of its vCPU; on its home CPU, without the scheduler's lock unless it says so.

    /// Puts its registers and interrupts into this CPU, or saves them.
    virtual void load() = 0;
    virtual void unload() = 0;
    /// It is loaded, and its guest is entered next, unless something else comes up.
    virtual void prepare() = 0;
    /// Whether it may run, or go to sleep. Also under the scheduler's lock.
    [[nodiscard]] virtual Verdict verdict() const = 0;
    /// It was taken off its CPU because of the verdict Park; about to be, because of Hold.
    virtual void on_parked() = 0;
    virtual void on_held() = 0;
    /// The time of its timer's interrupt, in counter ticks; none if the timer is off or masked, or its interrupt is
    /// pending or active. Precondition: it is not loaded.
    [[nodiscard]] virtual std::optional<u64> timer_deadline() const = 0;
    /// An asynchronous error that it caused was taken at EL2. Precondition: it is loaded.
    /// @param syndrome as in ESR_EL2
    virtual void on_error(u64 syndrome) = 0;

  private:
    friend class LoadedVcpu;
    friend class RunQueue;
    friend class Scheduler;

    Group& group_;
    PerCpu& home_;
    unsigned index_;

    std::atomic<bool> woken_ = false;    ///< set by wake(), read on the way into Blocked: see Scheduler::block()
    std::atomic<bool> awaiting_ = false; ///< decides whether it may run; state_ only where it is
    std::atomic<RunState> state_ = RunState::Off; ///< written under the scheduler's lock; any CPU may read
    u64 virtual_time_ = 0;                        ///< ticks run, divided by the weight
    u64 unpaid_ = 0;                              ///< the remainder of that division
    u64 run_time_ = 0;                            ///< ticks run
    u64 steal_time_ = 0;                          ///< ticks spent ready or held for the cap
    u64 ready_since_ = 0;
    u64 capped_since_ = 0; ///< counter ticks; while it is held for the cap
    ListNode<Runnable> queue_node_;
    SoftTimer timer_wake_; ///< its timer's deadline while another vCPU is loaded
    SoftTimer cap_timer_;  ///< ends the hold for the VM's cap
};

} // namespace trv::sched
