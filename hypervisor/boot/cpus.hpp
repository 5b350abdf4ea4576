// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's CPUs: their data, their stacks, and their start.

#include "arch/page_table_format.hpp"
#include "lib/limits.hpp"
#include "machine/description.hpp"
#include "memory/host_space.hpp"
#include "sched/per_cpu.hpp"

#include <span>

namespace trv::boot {

/// Data of all CPUs: first the boot CPU, then the others that are online.
extern constinit sched::PerCpu per_cpu[max_cpus];

/// Sets vectors and fault stack of the boot CPU, before anything can fault.
void prepare_boot_cpu();

/// What the tables of the machine assume of every CPU: what the boot CPU has.
[[nodiscard]] arch::TranslationLimits machine_limits();

[[nodiscard]] Result<Va> allocate_cpu_stack(memory::HostSpace& space);

/// Measures against its errata, redistributor, interrupts and guest traps of the calling CPU.
/// @return Error::Unsupported, with PerCpu::lack, for one that differs too much from the boot CPU
[[nodiscard]] Result<void> start_this_cpu(sched::PerCpu& cpu);

/// Starts the others through PSCI and waits until they are up. One that does not come, or lacks what the boot CPU has,
/// is logged and left out.
/// @return how many are online, the boot CPU included
[[nodiscard]] unsigned start_other_cpus(const machine::Machine& machine, memory::HostSpace& space);

} // namespace trv::boot
