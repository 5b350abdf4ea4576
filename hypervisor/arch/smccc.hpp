// SPDX-License-Identifier: Apache-2.0
#pragma once
// The SMC Calling Convention (DEN0028): function identifiers, and the only function that issues an SMC.

#include "lib/types.hpp"

namespace trv::arch {

struct SmcArguments {
    u64 a[8] = {};
};
struct SmcResult {
    u64 a[4];
};

/// Calls the firmware. Marks everything a callee may change [SMCCC 2.6]: x0 to x17 and memory.
SmcResult smc(const SmcArguments& arguments);

namespace smccc {

inline constexpr u32 not_supported = 0xffff'ffff; ///< -1: the result for unknown functions
inline constexpr u32 version_1_2 = 0x1'0002;

[[nodiscard]] constexpr bool is_fast(u32 id) {
    return (id & 0x8000'0000) != 0;
}
[[nodiscard]] constexpr bool is_64_bit(u32 id) {
    return (id & 0x4000'0000) != 0;
}
[[nodiscard]] constexpr u32 owner(u32 id) {
    return (id >> 24) & 0x3f;
}

enum class Owner : u32 { Arch = 0, Cpu = 1, Sip = 2, Oem = 3, Standard = 4, Hypervisor = 5, VendorHypervisor = 6 };

inline constexpr u32 Version = 0x8000'0000;
inline constexpr u32 ArchFeatures = 0x8000'0001;
inline constexpr u32 ArchSocId = 0x8000'0002;
inline constexpr u32 ArchWorkaround1 = 0x8000'8000;
inline constexpr u32 ArchWorkaround2 = 0x8000'7fff;
inline constexpr u32 ArchWorkaround3 = 0x8000'3fff;

// Paravirtualized time [DEN0057A 3.2]
inline constexpr u32 PvTimeFeatures = 0xc500'0020;
inline constexpr u32 PvTimeStolen = 0xc500'0021;

// Vendor-specific hypervisor service [SMCCC 7.2]
inline constexpr u32 VendorCallCount = 0x8600'ff00;
inline constexpr u32 VendorUid = 0x8600'ff01;
inline constexpr u32 VendorRevision = 0x8600'ff03;

} // namespace smccc
} // namespace trv::arch
