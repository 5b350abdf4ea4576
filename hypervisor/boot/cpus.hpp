// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's CPUs: their data, their stacks, and their start.

#include "arch/cpu/secondary.hpp"
#include "arch/memory/page_table_format.hpp"
#include "lib/limits.hpp"
#include "machine/description.hpp"
#include "memory/translation/host_space.hpp"
#include "sched/per_cpu.hpp"

#include <array>
#include <span>

namespace trv::boot {

class Interrupts;

class Cpus {
  public:
    Cpus() = default;
    Cpus(const Cpus&) = delete;
    Cpus& operator=(const Cpus&) = delete;

    /// Sets vectors and fault stack of the boot CPU, before anything can fault.
    void prepare_boot_cpu();

    /// The boot CPU first.
    [[nodiscard]] std::span<sched::PerCpu> online() { return std::span(cpus_).first(online_); }

    /// What the tables of the machine assume of every CPU: what the boot CPU has.
    [[nodiscard]] const arch::TranslationLimits& limits() const { return limits_; }

    /// Measures against its errata, redistributor, interrupts and guest traps of the calling CPU.
    /// @return Error::Unsupported, with PerCpu::lack, for one that differs too much from the boot CPU
    [[nodiscard]] Result<void> start_this_cpu(sched::PerCpu& cpu, Interrupts& interrupts,
                                              console::Multiplexer& console);

    /// Starts the others through PSCI and waits until they are up. One that does not come, or lacks what the boot CPU
    /// has, is logged and left out.
    void start_others(const machine::Machine& machine, memory::HostSpace& space);

    /// On the calling CPU, on whatever stack it has.
    void install_vectors(sched::PerCpu& cpu);

  private:
    /// The stacks for hypervisor faults: the CPU's own stack may be the problem.
    struct alignas(16) FaultStack {
        u8 bytes[4096];
    };

    [[nodiscard]] Result<void> start_cpu(sched::PerCpu& cpu, memory::HostSpace& space);

    std::array<sched::PerCpu, max_cpus> cpus_;
    std::array<FaultStack, max_cpus> fault_stacks_;
    unsigned online_ = 1;
    arch::TranslationLimits limits_;
    arch::SecondaryStart start_{}; ///< of the CPU that starts just now
};

[[nodiscard]] Result<Va> allocate_cpu_stack(memory::HostSpace& space);

} // namespace trv::boot
