// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's PSTATE and general-purpose registers while EL1 is in AArch32, as AArch64 sees them. Portable.

#include "arch/registers/registers.hpp"

namespace trv::arch::aarch32 {

/// [Arm ARM G1.9] PSTATE.M
namespace mode {
inline constexpr u64 User = 0x10;
inline constexpr u64 Fiq = 0x11;
inline constexpr u64 Irq = 0x12;
inline constexpr u64 Supervisor = 0x13;
inline constexpr u64 Abort = 0x17;
inline constexpr u64 Undefined = 0x1b;
inline constexpr u64 System = 0x1f;
} // namespace mode

/// [Arm ARM C5.2.20] SPSR_EL2 of an exception from AArch32
namespace pstate {
inline constexpr u64 T = bit(5); ///< T32 instructions
inline constexpr u64 F = bit(6);
inline constexpr u64 I = bit(7);
inline constexpr u64 A = bit(8);
inline constexpr u64 E = bit(9); ///< big-endian data
inline constexpr u64 GE = 0xf'0000;
inline constexpr u64 SSBS = bit(23);
inline constexpr u64 DIT = bit(24);
inline constexpr u64 Q = bit(27);
} // namespace pstate

/// [Arm ARM G8.2.126] SCTLR, which SCTLR_EL1 holds
namespace sctlr {
inline constexpr u64 V = bit(13); ///< vectors at 0xffff0000
inline constexpr u64 SPAN = bit(23);
inline constexpr u64 EE = bit(25);
inline constexpr u64 TE = bit(30); ///< exceptions are handled in T32
inline constexpr u64 DSSBS = bit(31);
/// After a reset: RES1 bits, CP15BEN, nTWI, nTWE; MMU and caches off, little-endian, A32.
inline constexpr u64 reset = 0x00c5'0838;
} // namespace sctlr

inline constexpr u64 ttbcr_eae = bit(31); ///< [Arm ARM G8.2.165] long-descriptor translation tables

/// [Arm ARM G8.2.62] FPEXC after a reset: FP off; bits 10 to 8 are RES1.
inline constexpr u32 fpexc_reset = 0x700;

/// The register of the AArch64 view that is R<n> in a mode [Arm ARM D1.8.1].
/// @param index of an A32 or T32 instruction, 0 to 14
[[nodiscard]] constexpr unsigned view_of(unsigned index, u64 pstate) {
    if (index < 8 || index > 14) {
        return index;
    }
    const bool link = index == 14;
    switch (pstate & spsr::mode_mask) {
    case mode::Fiq:
        return index + 16;
    case mode::Irq:
        return index < 13 ? index : link ? 16 : 17;
    case mode::Supervisor:
        return index < 13 ? index : link ? 18 : 19;
    case mode::Abort:
        return index < 13 ? index : link ? 20 : 21;
    case mode::Undefined:
        return index < 13 ? index : link ? 22 : 23;
    default:
        return index;
    }
}

/// The register that a syndrome names. It is the AArch64 view's [Arm ARM D24.2.45, ISS.SRT]; QEMU has the number of the
/// instruction there for some instructions. Neither can be mistaken for the other: the numbers that view_of() changes in a mode are
/// none of the registers that the mode has.
[[nodiscard]] constexpr unsigned named_register(unsigned index, u64 pstate) {
    return (pstate & spsr::AArch32) != 0 ? view_of(index, pstate) : index;
}

} // namespace trv::arch::aarch32
