// SPDX-License-Identifier: Apache-2.0
#pragma once
// What boot code hands down to VMs: the machine's parts that they are made from, and where they report.

#include "arch/memory/page_table_format.hpp"
#include "console/console.hpp"
#include "irq/guest_spis.hpp"
#include "lib/intid.hpp"
#include "lib/time/wall_clock.hpp"
#include "memory/machine_memory.hpp"
#include "sched/per_cpu.hpp"
#include "sync/random_generator.hpp"
#include "vm/secure_services.hpp"

#include <optional>
#include <span>

namespace trv::vm {

class Host;
class Tracing;

/// Everything that it refers to outlives the VMs.
struct Resources {
    memory::MachineMemory& memory;
    console::Console& console;
    std::span<sched::PerCpu> cpus;       ///< online ones
    arch::TranslationLimits limits;      ///< of all CPUs
    IntId virtual_timer;                 ///< the physical interrupt of guests' timers
    bool has_pmu = false;                ///< guests have performance monitors, with an interrupt
    irq::GuestSpis& guest_spis;          ///< interrupts of the machine's devices
    Mediator& mediator;                  ///< of the machine's OP-TEE
    RandomGenerator& seeds;              ///< of guests; seeded if the machine has a seed
    std::optional<WallClock> wall_clock; ///< none: VMs do not learn the date
    const Host* host = nullptr;          ///< none described
    Tracing* tracing = nullptr;          ///< none in images without it
};

} // namespace trv::vm
