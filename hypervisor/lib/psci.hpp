// SPDX-License-Identifier: Apache-2.0
#pragma once
// PSCI (DEN0022) function identifiers and results, for both sides: calls to the firmware, and calls from guests.

#include "lib/types.hpp"

namespace trv::psci {

inline constexpr u32 Version = 0x8400'0000;
inline constexpr u32 CpuSuspend32 = 0x8400'0001;
inline constexpr u32 CpuSuspend64 = 0xc400'0001;
inline constexpr u32 CpuOff = 0x8400'0002;
inline constexpr u32 CpuOn32 = 0x8400'0003;
inline constexpr u32 CpuOn64 = 0xc400'0003;
inline constexpr u32 AffinityInfo32 = 0x8400'0004;
inline constexpr u32 AffinityInfo64 = 0xc400'0004;
inline constexpr u32 MigrateInfoType = 0x8400'0006;
inline constexpr u32 SystemOff = 0x8400'0008;
inline constexpr u32 SystemReset = 0x8400'0009;
inline constexpr u32 Features = 0x8400'000a;
inline constexpr u32 SystemSuspend32 = 0x8400'000e;
inline constexpr u32 SystemSuspend64 = 0xc400'000e;

inline constexpr u32 version_1_1 = 0x1'0001;

/// [PSCI 5.2.2]
enum class Status : i32 {
    Success = 0,
    NotSupported = -1,
    InvalidParameters = -2,
    Denied = -3,
    AlreadyOn = -4,
    OnPending = -5,
    InternalFailure = -6,
    NotPresent = -7,
    Disabled = -8,
    InvalidAddress = -9,
};

/// [PSCI 5.7.1] AFFINITY_INFO
enum class PowerState : u32 { On = 0, Off = 1, OnPending = 2 };

} // namespace trv::psci
