// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts the interrupt controller, and gives the machine's interrupts their owners.

#include "machine/description.hpp"
#include "memory/host_space.hpp"
#include "sched/per_cpu.hpp"
#include "vm/secure_services.hpp"

namespace trv::boot {

/// Boot CPU: maps and takes over the interrupt controller; claims the interrupts of CPUs, and the UART's.
[[nodiscard]] Result<void> start_interrupts(const machine::Machine& machine, memory::HostSpace& space);

/// The physical interrupt of guests' timers. Precondition: start_interrupts().
[[nodiscard]] IntId virtual_timer_interrupt();

/// Routes OP-TEE's notifications to the boot CPU, and from there to the mediator.
/// @return Error::OutOfRange if the machine has no such interrupt, Error::Busy if it has an owner
[[nodiscard]] Result<void> start_tee_interrupt(IntId intid, vm::Mediator& mediator);

/// Enables the calling CPU's interrupts: timers, maintenance, the SGI between CPUs.
[[nodiscard]] Result<void> start_cpu_interrupts(sched::PerCpu& cpu);

} // namespace trv::boot
