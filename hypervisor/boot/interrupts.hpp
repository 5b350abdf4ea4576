// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts the interrupt controller, and gives the machine's interrupts their owners.

#include "irq/guest_spis.hpp"
#include "irq/table.hpp"
#include "irqchip/chip.hpp"
#include "machine/description.hpp"
#include "memory/physical/device_table.hpp"
#include "memory/translation/host_space.hpp"
#include "sched/interrupts.hpp"
#include "sched/per_cpu.hpp"
#include "vm/secure_services.hpp"

namespace trv::boot {

class Interrupts {
  public:
    Interrupts() = default;
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// Boot CPU: maps and takes over the interrupt controller; claims its registers, the interrupts of CPUs, and the
    /// UART's.
    [[nodiscard]] Result<void> start(const machine::Machine& machine, memory::HostSpace& space,
                                     memory::DeviceTable& devices, console::Multiplexer& console);

    // After start().

    /// The physical interrupt of guests' timers.
    [[nodiscard]] IntId virtual_timer() const { return of_cpus_.virtual_timer; }
    /// Whether guests' performance monitors have their interrupt.
    [[nodiscard]] bool has_pmu() const { return of_cpus_.pmu.has_value(); }
    /// Where VMs get interrupts of the machine's devices.
    [[nodiscard]] irq::GuestSpis& guest_spis() { return guest_spis_; }

    /// Routes OP-TEE's notifications to the boot CPU, and from there to the mediator.
    /// @return Error::OutOfRange if the machine has no such interrupt, Error::Busy if it has an owner
    [[nodiscard]] Result<void> start_tee(IntId intid, vm::Mediator& mediator);

    /// Enables the calling CPU's interrupts: timers, maintenance, the SGI between CPUs.
    [[nodiscard]] Result<void> start_cpu(sched::PerCpu& cpu);

  private:
    /// Those that each CPU has. Where the tree does not name them: what the Server Base System Architecture assigns.
    struct OfCpus {
        IntId virtual_timer{27};
        IntId hyp_timer{26};
        IntId maintenance{25};
        std::optional<IntId> pmu{}; ///< if the image has them for guests
    };
    [[nodiscard]] static OfCpus find(const machine::Machine& machine);
    void enable_spi(IntId intid);

    irqchip::Gic gic_;
    irq::Table owners_{sched::unexpected_interrupt};
    irq::GuestSpis guest_spis_{owners_, gic_};
    OfCpus of_cpus_;
};

} // namespace trv::boot
