// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/cpu.hpp"

#include "guests/bare/lib/hardware/power.hpp"
#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/hardware/wait.hpp"
#include "guests/bare/lib/offsets.h"

#include <cstddef>

extern "C" const char secondary_start[];

namespace trv::bare {
namespace {

static_assert(offsetof(Cpu, recovery) == CPU_RECOVERY);
static_assert(offsetof(Cpu, stack_top) == CPU_STACK_TOP);
static_assert(offsetof(Cpu, entry_sctlr) == CPU_ENTRY_SCTLR);
static_assert(offsetof(Cpu, entry_daif) == CPU_ENTRY_DAIF);

constinit Cpu cpus[max_vcpus]{};
constinit unsigned count_of_cpus = 1;
alignas(16) constinit std::byte stacks[max_vcpus][stack_size]{};

/// CNTKCTL_EL1: an event every 1024 ticks, so that no WFE waits forever without an event.
constexpr u64 event_stream = (9 << 4) | (1 << 2);

} // namespace

Cpu& this_cpu() {
    return *reinterpret_cast<Cpu*>(arch::TpidrEl1::read());
}

Cpu& cpu(unsigned index) {
    return cpus[index];
}

unsigned cpu_count() {
    return count_of_cpus;
}

void on_interrupt(InterruptHandler handler) {
    this_cpu().on_interrupt = handler;
}

u64 secondary_entry() {
    return reinterpret_cast<u64>(secondary_start);
}

psci::Status start_cpu(unsigned index, void (*work)(void*), void* argument) {
    Cpu& target = cpus[index];
    target.recovery = 0;
    target.stack_top = reinterpret_cast<u64>(stacks[index] + stack_size);
    target.index = index;
    target.work = work;
    target.argument = argument;
    target.on_interrupt = nullptr;
    target.arrived.store(false);
    dsb();
    const psci::Status status = power::cpu_on(index, secondary_entry(), reinterpret_cast<u64>(&target));
    if (status == psci::Status::Success) {
        while (!target.arrived.load()) {
            wfe(); // where both share a CPU, this lets the other one run
        }
    }
    return status;
}

bool wait_until_off(unsigned index) {
    return wait_until([index] { return power::affinity_info(index) == static_cast<i64>(psci::PowerState::Off); });
}

void enter_primary_cpu(unsigned count) {
    count_of_cpus = count < max_vcpus ? count : max_vcpus;
    cpus[0].index = 0;
    arch::TpidrEl1::write(reinterpret_cast<u64>(&cpus[0]));
    arch::CntkctlEl1::write(event_stream);
}

extern "C" [[noreturn]] void bare_secondary(Cpu* self) {
    arch::TpidrEl1::write(reinterpret_cast<u64>(self));
    arch::CntkctlEl1::write(event_stream);
    self->arrived.store(true);
    self->work(self->argument);
    power::cpu_off();
}

} // namespace trv::bare
