// SPDX-License-Identifier: Apache-2.0
#pragma once
// Calls to the machine's firmware (PSCI at EL3).

#include "lib/psci.hpp"
#include "lib/result.hpp"
#include "lib/types.hpp"

namespace trv::arch {

/// @param mpidr  affinity of the CPU to start
/// @param entry  physical address of its first instruction, MMU off
/// @param argument its x0
/// @return Error::Invalid for an unknown CPU, Error::Busy if it is already on, Error::Unsupported otherwise
Result<void> cpu_on(u64 mpidr, Pa entry, u64 argument);

[[noreturn]] void power_off();

/// Switches the calling CPU off; nothing of its stack or data is used afterwards.
[[noreturn]] void cpu_off();

/// EL3's result of SMCCC_ARCH_FEATURES(function): negative = not implemented [SMCCC 7.4].
[[nodiscard]] i32 firmware_feature(u32 function);

} // namespace trv::arch
