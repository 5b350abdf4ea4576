// SPDX-License-Identifier: Apache-2.0
// Functions of arch/ that are instructions on the machine.

#include "arch/cpu/cpu_facts.hpp"
#include "arch/fake_guest_cpu.hpp"
#include "arch/firmware.hpp"
#include "arch/registers/id_registers.hpp"
#include "arch/smccc.hpp"

namespace trv::arch {

void load_guest(const GuestContext& context, u64 counter_offset) {
    if (fake_guest_cpu.on_load) {
        fake_guest_cpu.on_load();
    }
    fake_guest_cpu.counter_offset = counter_offset;
    fake_guest_cpu.virtual_error = context.virtual_error;
    ++fake_guest_cpu.loads;
}

void save_guest(GuestContext& context) {
    context.virtual_error = fake_guest_cpu.virtual_error;
    if (fake_guest_cpu.on_save) {
        fake_guest_cpu.on_save();
    }
}

bool is_guest_timer_asserted() {
    return fake_guest_cpu.timer_asserted;
}

void set_counter_offset(u64 offset) {
    fake_guest_cpu.counter_offset = offset;
}

DebugPoints debug_points() {
    return {6, 4}; // a Cortex-A57's
}

void load_debug(const DebugRegisters& registers) {
    fake_guest_cpu.debug = registers;
}

void silence_debug() {
    fake_guest_cpu.debug = {};
}

PmuFacts pmu_facts() {
    return {.version = 1, .counters = 6, .identification = 0x4101'0000, .events = {0x7fff'0f3f, 0}};
}

void load_pmu(const PmuRegisters& registers, u32 interrupts) {
    fake_guest_cpu.pmu = registers;
    fake_guest_cpu.pmu_interrupts = interrupts;
    fake_guest_cpu.counts = true;
}

/// What the hardware has counted meanwhile is in fake_guest_cpu.
void save_pmu(PmuRegisters& registers) {
    registers.counters = fake_guest_cpu.pmu.counters;
    registers.cycles = fake_guest_cpu.pmu.cycles;
    registers.overflowed = fake_guest_cpu.pmu.overflowed;
    fake_guest_cpu.counts = false;
}

u64 read_id_register(SystemRegister) {
    return fake_id_register;
}

void power_off() {
    throw MachineOff();
}

i32 firmware_feature(u32 function) {
    return static_cast<i32>(smc({{smccc::ArchFeatures, function}}).a[0]);
}

CpuFacts read_cpu_facts() {
    CpuFacts facts = fake_cpu_facts;
    facts.workaround1 = firmware_feature(smccc::ArchWorkaround1);
    facts.workaround2 = firmware_feature(smccc::ArchWorkaround2);
    facts.workaround3 = firmware_feature(smccc::ArchWorkaround3);
    return facts;
}

} // namespace trv::arch
