// SPDX-License-Identifier: Apache-2.0
#pragma once
// The values of identification registers that guests see: the hardware's values without features that are not
// virtualized. Portable but for read_id_register().

#include "arch/registers/registers.hpp"
#include "arch/registers/syndrome.hpp"

#include <algorithm>

namespace trv::arch {

/// Whether HCR_EL2.TID3 traps the register: op0 = 3, op1 = 0, CRn = 0, CRm = 1 to 7 [Arm ARM D24.2.57]?
[[nodiscard]] constexpr bool is_id_register(SystemRegisterTrap trap) {
    return trap.op0() == 3 && trap.op1() == 0 && trap.crn() == 0 && trap.crm() >= 1 && trap.crm() <= 7;
}

/// The hardware's value of a register for which is_id_register() holds; 0 for one that is not allocated.
[[nodiscard]] u64 read_id_register(SystemRegister name);

/// @param dfr0 the hardware's ID_AA64DFR0_EL1
/// @return     the architecture version of the PMU that a guest may have: PMUv3 up to Armv8.1's, whose counters have 32
///             bits; 0 without one
[[nodiscard]] constexpr unsigned guest_pmu_version(u64 dfr0) {
    constexpr unsigned armv8_1 = 4;
    constexpr unsigned implementation_defined = 0xf;
    const auto version = static_cast<unsigned>(field(dfr0, 11, 8));
    return version == implementation_defined ? 0 : std::min(version, armv8_1);
}

/// @param value the hardware's
/// @return      the guest's value
[[nodiscard]] u64 sanitize_id_register(SystemRegister name, u64 value);

} // namespace trv::arch
