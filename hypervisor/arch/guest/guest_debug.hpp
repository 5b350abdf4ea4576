// SPDX-License-Identifier: Apache-2.0
#pragma once
// A vCPU's breakpoints, watchpoints and software step [Arm ARM D2]. Each access of a guest to a debug register traps, so
// that they are kept here. The hardware has those of the loaded vCPU while they are in use: a switch to one that debugs
// nothing costs a test.

#include "arch/registers/registers.hpp"

#include <array>

namespace trv::arch {

struct DebugRegisters {
    static constexpr unsigned most = 16; ///< breakpoints, and watchpoints [Arm ARM D24.2.59, ID_AA64DFR0_EL1]

    struct Point {
        u64 value;   ///< DBGBVR<n>_EL1, DBGWVR<n>_EL1
        u64 control; ///< DBGBCR<n>_EL1, DBGWCR<n>_EL1, as below
    };
    std::array<Point, most> breakpoints;
    std::array<Point, most> watchpoints;
    u64 control; ///< MDSCR_EL1

    /// Whether the guest may get debug exceptions other than from BRK.
    [[nodiscard]] constexpr bool in_use() const { return (control & (mdscr_el1::SS | mdscr_el1::MDE)) != 0; }
};

/// How many of each a CPU has.
struct DebugPoints {
    unsigned breakpoints;
    unsigned watchpoints;
};
/// This CPU.
[[nodiscard]] DebugPoints debug_points();

/// What is kept of a control register as a guest writes it. Only non-secure EL1 and EL0 match, so that OP-TEE is not
/// debugged by its caller, whatever MDCR_EL3.SDD says. A breakpoint of a type that compares VMIDs is off, as one of a
/// reserved type is [Arm ARM D2.8.3].
[[nodiscard]] constexpr u64 breakpoint_control(u64 written) {
    constexpr u64 enabled = 1;
    constexpr u64 kept = 0xff'01e7;        // E, PMC, BAS, LBN, BT
    constexpr u64 other_types = 0xc << 20; // than addresses and CONTEXTIDR_EL1, linked or not
    constexpr u64 non_secure = 1 << 14;    // SSC, with HMC = 0
    const u64 control = (written & kept) | non_secure;
    return (written & other_types) == 0 ? control : control & ~enabled;
}
[[nodiscard]] constexpr u64 watchpoint_control(u64 written) {
    constexpr u64 kept = 0x1f1f'1fff;   // E, PAC, LSC, BAS, LBN, WT, MASK
    constexpr u64 non_secure = 1 << 14; // SSC, with HMC = 0 [Arm ARM D2.9.3]
    return (written & kept) | non_secure;
}

/// To this CPU; the exception return into the guest synchronizes it.
void load_debug(const DebugRegisters& registers);
/// No debug exception comes from what was loaded.
void silence_debug();

} // namespace trv::arch
