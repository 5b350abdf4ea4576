// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "machine/description.hpp"
#include "memory/host_space.hpp"
#include "vm/per_cpu.hpp"

namespace trv::boot {

/// Maps and takes over the interrupt controller; records the interrupts of the machine's devices.
[[nodiscard]] Result<void> start_interrupts(const machine::Machine& machine, memory::HostSpace& space);

/// Routes OP-TEE's notifications to the boot CPU.
void enable_tee_interrupt();

/// Enables the calling CPU's interrupts: timers, maintenance, the SGI between CPUs.
[[nodiscard]] Result<void> start_cpu_interrupts(vm::PerCpu& cpu);

} // namespace trv::boot
