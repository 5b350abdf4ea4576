// SPDX-License-Identifier: Apache-2.0
#include "arch/guest/guest_pmu.hpp"

#include "arch/registers/id_registers.hpp"
#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"

namespace trv::arch {
namespace {

constexpr u64 all = 0xffff'ffff;

unsigned counter_count(u64 control) {
    return static_cast<unsigned>(field(control, 15, 11));
}

/// The selected counter's registers are there from then on.
void select(unsigned counter) {
    PmselrEl0::write(counter);
    isb();
}

void stop() {
    PmcntenclrEl0::write(all);
    PmintenclrEl1::write(all);
    PmuserenrEl0::write(0);
    isb();
}

} // namespace

PmuFacts pmu_facts() {
    const unsigned version = guest_pmu_version(IdAa64dfr0El1::read());
    if (version == 0) {
        return {};
    }
    const u64 control = PmcrEl0::read();
    return {version, counter_count(control), control & pmcr::identification, {Pmceid0El0::read(), Pmceid1El0::read()}};
}

void load_pmu(const PmuRegisters& registers, u32 interrupts) {
    const unsigned count = counter_count(PmcrEl0::read());
    for (unsigned i = 0; i < count; ++i) {
        select(i);
        PmxevtyperEl0::write(registers.types[i]);
        PmxevcntrEl0::write(registers.counters[i]);
    }
    PmccfiltrEl0::write(registers.cycle_filter);
    PmccntrEl0::write(registers.cycles);
    PmovsclrEl0::write(all);
    PmovssetEl0::write(registers.overflowed);
    PmintensetEl1::write(interrupts);
    PmuserenrEl0::write(registers.users);
    PmcntensetEl0::write(registers.enabled);
    PmcrEl0::write(registers.control);
}

void save_pmu(PmuRegisters& registers) {
    stop();
    const unsigned count = counter_count(PmcrEl0::read());
    for (unsigned i = 0; i < count; ++i) {
        select(i);
        registers.counters[i] = PmxevcntrEl0::read();
    }
    registers.cycles = PmccntrEl0::read();
    registers.overflowed = static_cast<u32>(PmovssetEl0::read());
    PmovsclrEl0::write(all);
}

void silence_pmu() {
    if (guest_pmu_version(IdAa64dfr0El1::read()) != 0) {
        stop();
        PmovsclrEl0::write(all);
    }
}

} // namespace trv::arch
