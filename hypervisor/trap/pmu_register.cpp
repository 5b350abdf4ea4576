// SPDX-License-Identifier: Apache-2.0
#include "trap/pmu_register.hpp"

#include "arch/guest/guest_pmu.hpp"
#include "arch/registers/registers.hpp"
#include "vm/pmu.hpp"

namespace trv::trap {
namespace {

using namespace arch;

// Their names [Arm ARM D24.5]
constexpr auto pmintenset = system_register(3, 0, 9, 14, 1);
constexpr auto pmintenclr = system_register(3, 0, 9, 14, 2);
constexpr auto pmcr_el0 = system_register(3, 3, 9, 12, 0);
constexpr auto pmcntenset = system_register(3, 3, 9, 12, 1);
constexpr auto pmcntenclr = system_register(3, 3, 9, 12, 2);
constexpr auto pmovsclr = system_register(3, 3, 9, 12, 3);
constexpr auto pmswinc = system_register(3, 3, 9, 12, 4);
constexpr auto pmselr = system_register(3, 3, 9, 12, 5);
constexpr auto pmceid0 = system_register(3, 3, 9, 12, 6);
constexpr auto pmceid1 = system_register(3, 3, 9, 12, 7);
constexpr auto pmccntr = system_register(3, 3, 9, 13, 0);
constexpr auto pmxevtyper = system_register(3, 3, 9, 13, 1);
constexpr auto pmxevcntr = system_register(3, 3, 9, 13, 2);
constexpr auto pmuserenr = system_register(3, 3, 9, 14, 0);
constexpr auto pmovsset = system_register(3, 3, 9, 14, 3);

constexpr u64 users_kept = 0xf; // EN, SW, CR, ER
constexpr u32 cycle_counter = 31;

/// PMEVCNTR<n>_EL0 and PMEVTYPER<n>_EL0, and PMCCFILTR_EL0 in the latter's last place.
bool is_numbered(SystemRegisterTrap trap) {
    return trap.op1() == 3 && trap.crn() == 14 && trap.crm() >= 8;
}

/// One access. A counter that the CPU lacks reads as zero and ignores writes.
class Access {
  public:
    Access(PmuRegisters& pmu, const PmuFacts& facts, u64 pstate) : pmu_(pmu), facts_(facts), pstate_(pstate) {}

    /// @return nothing if there is no such register
    [[nodiscard]] std::optional<u64> read(SystemRegisterTrap trap) const {
        if (is_numbered(trap)) {
            return is_type(trap) ? type(number_of(trap)) : counter(number_of(trap));
        }
        switch (trap.name().encoding) {
        case pmcr_el0.encoding:
            return pmu_.control | facts_.identification | u64{facts_.counters} << pmcr::N;
        case pmcntenset.encoding:
        case pmcntenclr.encoding:
            return pmu_.enabled;
        case pmintenset.encoding:
        case pmintenclr.encoding:
            return pmu_.interrupts;
        case pmovsset.encoding:
        case pmovsclr.encoding:
            return pmu_.overflowed;
        case pmselr.encoding:
            return pmu_.select;
        case pmceid0.encoding:
            return facts_.events[0];
        case pmceid1.encoding:
            return facts_.events[1];
        case pmccntr.encoding:
            return pmu_.cycles;
        case pmxevtyper.encoding:
            return type(pmu_.select);
        case pmxevcntr.encoding:
            return counter(pmu_.select);
        case pmuserenr.encoding:
            return pmu_.users;
        default:
            return std::nullopt;
        }
    }
    /// @return false if there is no such register
    [[nodiscard]] bool write(SystemRegisterTrap trap, u64 value) {
        if (is_numbered(trap)) {
            is_type(trap) ? set_type(number_of(trap), value) : set_counter(number_of(trap), value);
            return true;
        }
        const u32 bits = static_cast<u32>(value) & valid();
        switch (trap.name().encoding) {
        case pmcr_el0.encoding:
            set_control(value);
            return true;
        case pmcntenset.encoding:
            pmu_.enabled |= bits;
            return true;
        case pmcntenclr.encoding:
            pmu_.enabled &= ~bits;
            return true;
        case pmintenset.encoding:
            pmu_.interrupts |= bits;
            return true;
        case pmintenclr.encoding:
            pmu_.interrupts &= ~bits;
            return true;
        case pmovsset.encoding:
            pmu_.overflowed |= bits;
            return true;
        case pmovsclr.encoding:
            pmu_.overflowed &= ~bits;
            return true;
        case pmswinc.encoding:
            increment(bits);
            return true;
        case pmselr.encoding:
            pmu_.select = static_cast<u32>(value) & cycle_counter;
            return true;
        case pmccntr.encoding:
            pmu_.cycles = value;
            return true;
        case pmxevtyper.encoding:
            set_type(pmu_.select, value);
            return true;
        case pmxevcntr.encoding:
            set_counter(pmu_.select, value);
            return true;
        case pmuserenr.encoding:
            pmu_.users = value & users_kept;
            return true;
        default:
            return false;
        }
    }

  private:
    [[nodiscard]] static bool is_type(SystemRegisterTrap trap) { return trap.crm() >= 12; }
    [[nodiscard]] static u32 number_of(SystemRegisterTrap trap) { return (trap.crm() & 3) << 3 | trap.op2(); }
    /// The counters that there are.
    [[nodiscard]] u32 valid() const { return ((u32{1} << facts_.counters) - 1) | PmuRegisters::cycle_bit; }

    [[nodiscard]] u64 counter(u32 number) const { return number < facts_.counters ? pmu_.counters[number] : 0; }
    void set_counter(u32 number, u64 value) {
        if (number < facts_.counters) {
            pmu_.counters[number] = static_cast<u32>(value);
        }
    }
    [[nodiscard]] u64 type(u32 number) const {
        return number == cycle_counter ? pmu_.cycle_filter : number < facts_.counters ? pmu_.types[number] : 0;
    }
    void set_type(u32 number, u64 value) {
        if (number == cycle_counter) {
            pmu_.cycle_filter = value & event_filters;
        } else if (number < facts_.counters) {
            pmu_.types[number] = static_cast<u32>(value) & (event_filters | event_number);
        }
    }
    void set_control(u64 value) {
        pmu_.control = value & pmcr::kept;
        if ((value & pmcr::P) != 0) {
            pmu_.counters = {};
        }
        if ((value & pmcr::C) != 0) {
            pmu_.cycles = 0;
        }
    }
    /// Of event 0, SW_INCR, where its filter counts the level that the guest is in.
    void increment(u32 bits) {
        constexpr u32 not_el1 = u32{1} << 31;
        constexpr u32 not_el0 = u32{1} << 30;
        const bool el0 = (pstate_ & spsr::mode_mask) == spsr::El0t;
        for (u32 i = 0; i < facts_.counters; ++i) {
            const u32 type = pmu_.types[i];
            const bool counts = (bits & pmu_.enabled) >> i & 1 && (pmu_.control & pmcr::E) != 0 &&
                                (type & event_number) == 0 && (type & (el0 ? not_el0 : not_el1)) == 0;
            if (counts && (pmu_.counters[i] = static_cast<u32>(pmu_.counters[i] + 1)) == 0) {
                pmu_.overflowed |= u32{1} << i;
            }
        }
    }

    PmuRegisters& pmu_;
    const PmuFacts& facts_;
    u64 pstate_;
};

bool is_pmu_register(SystemRegisterTrap trap) {
    return trap.op0() == 3 && ((trap.crn() == 9 && trap.crm() >= 12 && trap.crm() <= 14) || is_numbered(trap));
}

} // namespace

bool handle_pmu_register(vm::Vcpu& vcpu, SystemRegisterTrap trap) {
    if (!is_pmu_register(trap)) {
        return false;
    }
    const PmuFacts facts = pmu_facts();
    if (facts.version == 0) {
        return false;
    }
    const vm::PausedPmu paused(vcpu);
    GuestRegisters& registers = vcpu.registers();
    Access access(vcpu.context().pmu, facts, registers.pstate);
    if (!trap.read()) {
        return access.write(trap, registers.get(trap.register_index()));
    }
    const std::optional<u64> value = access.read(trap);
    registers.set(trap.register_index(), value.value_or(registers.get(trap.register_index())));
    return value.has_value();
}

} // namespace trv::trap
