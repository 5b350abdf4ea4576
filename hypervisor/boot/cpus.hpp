#pragma once
// The machine's CPUs: their data, their stacks, and how they come up.

#include "lib/limits.hpp"
#include "machine/description.hpp"
#include "memory/host_space.hpp"
#include "vm/per_cpu.hpp"

#include <span>

namespace trv::boot {

/// Data of all CPUs; those that are online come first, the boot CPU before all.
extern constinit vm::PerCpu per_cpu[max_cpus];

/// Vectors and fault stack for the CPU that boots, before anything can fault.
void prepare_boot_cpu();

[[nodiscard]] Result<Va> allocate_cpu_stack(memory::HostSpace& space);

/// Redistributor, interrupts and guest traps of the calling CPU.
[[nodiscard]] Result<void> start_this_cpu(vm::PerCpu& cpu);

/// Starts the others through PSCI and waits until they are up. One that does not come is logged and left out.
/// @return how many are online, the boot CPU included
[[nodiscard]] unsigned start_other_cpus(const machine::Machine& machine, memory::HostSpace& space);

} // namespace trv::boot
