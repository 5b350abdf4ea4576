#pragma once

#include "machine/description.hpp"
#include "memory/host_space.hpp"
#include "vm/per_cpu.hpp"

namespace trv::boot {

/// Maps and takes over the interrupt controller; learns which interrupts the machine's parts have.
[[nodiscard]] Result<void> start_interrupts(const machine::Machine& machine, memory::HostSpace& space);

/// From now on OP-TEE's notifications come to the boot CPU.
void enable_tee_interrupt();

/// The calling CPU's share: timers, maintenance, the SGI between CPUs.
[[nodiscard]] Result<void> start_cpu_interrupts(vm::PerCpu& cpu);

} // namespace trv::boot
