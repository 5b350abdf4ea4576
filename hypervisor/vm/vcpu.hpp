// SPDX-License-Identifier: Apache-2.0
#pragma once
// One virtual CPU: its registers and its timers. What the scheduler keeps of it is in sched::Runnable.

#include "arch/guest_context.hpp"
#include "contract/exit_reason.hpp"
#include "generated/option/aarch32.hpp"
#include "lib/types.hpp"
#include "sched/per_cpu.hpp"
#include "sched/runnable.hpp"
#include "sched/timer_queue.hpp"
#include "vm/pending_exit.hpp"

#include <array>
#include <optional>

namespace trv::vm {

class Vm;

using contract::ExitReason;

/// Counted per vCPU; only its own CPU writes.
struct ExitStatistics {
    std::array<u64, contract::counted_exit_reasons> counts{};

    void count(ExitReason reason) { ++counts[static_cast<unsigned>(reason)]; }
};

class Vcpu final : public sched::Runnable {
  public:
    Vcpu(Vm& vm, unsigned index, sched::PerCpu& home);

    [[nodiscard]] Vm& vm() { return vm_; }
    [[nodiscard]] arch::GuestRegisters& registers() { return context_.registers; }
    [[nodiscard]] arch::GuestContext& context() { return context_; }
    /// Whether its EL1 is in AArch32: that of a VM with a 32-bit kernel.
    [[nodiscard]] bool is_aarch32() const {
        if constexpr (option::aarch32) {
            return context_.aarch32.in_use;
        }
        return false;
    }

    /// WFI: gives up the CPU, unless an interrupt is pending. Current vCPU only; the caller leaves through the
    /// scheduler.
    void wait_for_interrupt();
    /// PSCI's suspend calls: the same, but any interrupt ends it, also one that the guest's CPU interface holds back.
    /// Linux switches its interface off on the way, and then what is pending already must not be slept over.
    void suspend();
    /// Its registers become those of its first instruction after CPU_ON; its timer goes on, so that it can wake it.
    /// Current vCPU only.
    void restart(u64 entry, u64 argument);
    /// The exit that is being handled is completed later. Current vCPU only; the caller leaves through the scheduler,
    /// and says with finish_exit_by() what becomes of the answer.
    void begin_deferred_exit(vdev::Ticket ticket) { exit_.begin(ticket); }
    void finish_exit_by(PendingExit::Finish finish, u64 syndrome) { exit_.finish_by(finish, syndrome); }
    [[nodiscard]] bool has_deferred_exit() const { return exit_.is_begun(); }
    /// The answer to it: the vCPU goes on. From any CPU. @return false if it does not wait for this one; no effect
    bool complete_exit(vdev::Ticket ticket, u64 value);
    /// Whether its virtual timer asserts its interrupt, or will once it is loaded. Home CPU only.
    [[nodiscard]] bool is_virtual_timer_asserted() const;

    /// Emulated EL1 physical timer (CNTP); see vm/physical_timer.hpp.
    struct PhysicalTimer {
        explicit PhysicalTimer(Vcpu& vcpu);
        u64 control = 0;
        u64 compare = 0;
        sched::SoftTimer timer;
    };
    PhysicalTimer physical_timer;
    ExitStatistics statistics;

  private:
    void load() override;
    void unload() override;
    void prepare() override;
    [[nodiscard]] sched::Verdict verdict() const override;
    void on_parked() override;
    void on_held() override;
    [[nodiscard]] std::optional<u64> timer_deadline() const override;
    void on_error(u64 syndrome) override;

    arch::GuestContext context_{};
    Vm& vm_;
    PendingExit exit_{*this};
    u64 loaded_offset_ = 0; ///< the VM's counter offset as the hardware has it
};

/// The vCPU whose guest is entered next on this CPU. Precondition: it is not inside Scheduler::run(). Own CPU.
[[nodiscard]] inline Vcpu* current_vcpu(sched::PerCpu& cpu) {
    return static_cast<Vcpu*>(cpu.scheduler.current());
}
/// The vCPU whose registers are in this CPU; null if there is none. Own CPU.
[[nodiscard]] inline Vcpu* loaded_vcpu(sched::PerCpu& cpu) {
    return static_cast<Vcpu*>(cpu.scheduler.loaded());
}

} // namespace trv::vm
