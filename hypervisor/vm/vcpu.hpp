// SPDX-License-Identifier: Apache-2.0
#pragma once
// One virtual CPU: its registers, its home CPU and its scheduling state.

#include "arch/guest_context.hpp"
#include "lib/list.hpp"
#include "lib/types.hpp"
#include "vm/exit_statistics.hpp"
#include "vm/timer_queue.hpp"

#include <atomic>
#include <optional>

namespace trv::vm {

class Vm;
class Scheduler;
struct PerCpu;

/// Scheduling state; written under the home CPU's scheduler lock.
enum class RunState : u8 {
    Off,     ///< powered off, or parked because its VM stops
    Ready,   ///< in the run queue
    Running, ///< current on its CPU
    Blocked, ///< waits in WFI
    Held,    ///< ready to run, but its VM is paused or has used up its cap
};

class Vcpu {
  public:
    Vcpu(Vm& vm, unsigned index, PerCpu& home);
    Vcpu(const Vcpu&) = delete;
    Vcpu& operator=(const Vcpu&) = delete;

    [[nodiscard]] Vm& vm() { return vm_; }
    [[nodiscard]] unsigned index() const { return index_; }
    /// The only physical CPU that runs it. Its hardware-mapped interrupts and lazily saved registers are there.
    [[nodiscard]] PerCpu& home() { return home_; }
    [[nodiscard]] arch::GuestRegisters& registers() { return context_.registers; }
    [[nodiscard]] arch::GuestContext& context() { return context_; }

    /// Wakes it for an interrupt. From any CPU.
    void wake();
    /// WFI: gives up the CPU, unless an interrupt is pending. Current vCPU only; the caller leaves through the
    /// scheduler.
    void wait_for_interrupt();
    /// A wake for an interrupt that VGic::has_deliverable() does not see from here on is seen by Scheduler::block().
    /// Relaxed: the vGIC's lock, which has_deliverable() takes next and the waker took before it sets the flag, decides
    /// which of the two comes last. Wakes for other reasons may be overwritten; block() looks at those itself.
    void clear_wake() { woken_.store(false, std::memory_order_relaxed); }

    /// Loads its registers and interrupts into this CPU, or saves them. Home CPU only.
    void load();
    void unload();
    /// The time of its virtual timer's interrupt, in counter ticks; none if the timer is off or masked, or its
    /// interrupt is pending or active. Valid while the vCPU is not loaded.
    [[nodiscard]] std::optional<u64> virtual_timer_deadline() const;

    /// Whether its virtual timer asserts its interrupt, or will once it is loaded. Home CPU only.
    [[nodiscard]] bool is_virtual_timer_asserted() const;

    /// Ticks that it ran; and ticks since its VM's start in which it was ready but did not run, including those lost to
    /// its VM's cap. May be a slice old.
    [[nodiscard]] u64 run_time() const { return run_time_; }
    [[nodiscard]] u64 steal_time() const { return steal_time_; }
    /// For a restart of its VM. Precondition: it is off.
    void forget_steal_time() { steal_time_ = 0; }
    [[nodiscard]] RunState run_state() const { return state_.load(std::memory_order_relaxed); }

    /// Emulated EL1 physical timer (CNTP); see vm/physical_timer.hpp.
    struct PhysicalTimer {
        explicit PhysicalTimer(Vcpu& vcpu);
        u64 control = 0;
        u64 compare = 0;
        SoftTimer timer;
    };
    PhysicalTimer physical_timer;
    ExitStatistics statistics;

  private:
    friend class Scheduler;

    arch::GuestContext context_{};
    Vm& vm_;
    unsigned index_;
    PerCpu& home_;

    // The scheduler's.
    std::atomic<bool> woken_ = false; ///< set by wake(), read on the way into Blocked: see Scheduler::block()
    std::atomic<RunState> state_ = RunState::Off; ///< written under the scheduler's lock; any CPU may read
    u64 virtual_time_ = 0;                        ///< ticks run, divided by the weight
    u64 unpaid_ = 0;                              ///< the remainder of that division
    u64 run_time_ = 0;                            ///< ticks run
    u64 steal_time_ = 0;                          ///< ticks spent ready or held for the cap
    u64 ready_since_ = 0;
    u64 capped_since_ = 0; ///< counter ticks; while it is held for the cap
    ListNode<Vcpu> queue_node_;
    SoftTimer virtual_timer_wake_; ///< the virtual timer's deadline while another vCPU is loaded
    SoftTimer cap_timer_;          ///< ends the hold for the VM's cap
    u64 loaded_offset_ = 0;        ///< the VM's counter offset as the hardware has it
};

} // namespace trv::vm
