// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fields of system registers, with the manual's names. Only numbers: compiles anywhere.

#include "lib/types.hpp"

namespace trv::arch {

[[nodiscard]] constexpr u64 bit(unsigned n) {
    return u64{1} << n;
}
[[nodiscard]] constexpr u64 field(u64 value, unsigned high, unsigned low) {
    return (value >> low) & ((u64{2} << (high - low)) - 1);
}

/// [Arm ARM D24.2.57] HCR_EL2
namespace hcr_el2 {
inline constexpr u64 VM = bit(0); ///< stage 2 on
inline constexpr u64 SWIO =
    bit(1); ///< a guest's set/way invalidate also cleans, so it cannot discard dirty lines of others
inline constexpr u64 PTW = bit(2); ///< table walks into device memory fault
inline constexpr u64 FMO = bit(3);
inline constexpr u64 IMO = bit(4);
inline constexpr u64 AMO = bit(5);
inline constexpr u64 VSE = bit(8); ///< virtual SError pending
inline constexpr u64 FB = bit(9);  ///< a guest's TLB and I-cache maintenance reaches all its vCPUs' CPUs
inline constexpr u64 BSU_inner = bit(10);
inline constexpr u64 TWI = bit(13);
inline constexpr u64 TWE = bit(14);
inline constexpr u64 TID1 = bit(16);
inline constexpr u64 TID3 = bit(18);
inline constexpr u64 TSC = bit(19);
inline constexpr u64 TIDCP = bit(20);
inline constexpr u64 TACR = bit(21);
inline constexpr u64 RW = bit(31);
inline constexpr u64 TLOR = bit(35); ///< limited-ordering regions trap
inline constexpr u64 TERR = bit(36); ///< error records trap
} // namespace hcr_el2

/// [Arm ARM D24.2.33] CPTR_EL2 without VHE
namespace cptr_el2 {
inline constexpr u64 RES1 = 0x33ff; ///< includes TZ and TSM: if SVE or SME exists, its use traps
inline constexpr u64 TTA = bit(20); ///< trace registers trap
inline constexpr u64 TAM = bit(30); ///< activity monitors trap
} // namespace cptr_el2

/// [Arm ARM D24.3.21] MDCR_EL2
namespace mdcr_el2 {
inline constexpr u64 TPMCR = bit(5);
inline constexpr u64 TPM = bit(6);
inline constexpr u64 TDA = bit(9);
inline constexpr u64 TDOSA = bit(10);
inline constexpr u64 TDRA = bit(11);
inline constexpr u64 TPMS = bit(14);
inline constexpr u64 TTRF = bit(19);
} // namespace mdcr_el2

/// [Arm ARM D24.3.20] MDSCR_EL1
namespace mdscr_el1 {
inline constexpr u64 SS = bit(0);
inline constexpr u64 TDCC = bit(12);
inline constexpr u64 KDE = bit(13);
inline constexpr u64 MDE = bit(15);
} // namespace mdscr_el1

/// [Arm ARM D24.2.67] ISR_EL1
namespace isr_el1 {
inline constexpr u64 A = bit(8); ///< an SError is pending
} // namespace isr_el1

/// [Arm ARM D24.7] MPAM2_EL2, MPAMHCR_EL2, MPAMIDR_EL1
namespace mpam {
inline constexpr u64 TRAPMPAM1EL1 = bit(48);
inline constexpr u64 TRAPMPAM0EL1 = bit(49);
inline constexpr u64 TRAP_MPAMIDR_EL1 = bit(31); ///< of MPAMHCR_EL2
inline constexpr u64 TIDR = bit(58);             ///< of MPAM2_EL2, where MPAMIDR_EL1 has HAS_TIDR: the same trap
inline constexpr u64 HAS_HCR = bit(17);
inline constexpr u64 HAS_TIDR = bit(58);
} // namespace mpam

/// [Arm ARM D24.10.2] CNTHCTL_EL2 without VHE
namespace cnthctl_el2 {
inline constexpr u64 EL1PCTEN = bit(0); ///< the guest may read the physical counter
inline constexpr u64 EL1PCEN = bit(1);  ///< the guest may use the physical timer
} // namespace cnthctl_el2

/// [Arm ARM D24.10.18] CNTV_CTL_EL0 and the other timers' control registers
namespace timer_ctl {
inline constexpr u64 ENABLE = bit(0);
inline constexpr u64 IMASK = bit(1);
inline constexpr u64 ISTATUS = bit(2);
} // namespace timer_ctl

/// [Arm ARM C5.2.19] SPSR and PSTATE
namespace spsr {
inline constexpr u64 mode_mask = 0x1f;
inline constexpr u64 AArch32 = bit(4);
inline constexpr u64 NZCV = 0xf000'0000;
inline constexpr u64 IT = 0x600'fc00; ///< AArch32: ITSTATE, in two parts
inline constexpr u64 BTYPE = 0xc00;   ///< AArch64
inline constexpr u64 DIT = bit(24);
inline constexpr u64 PAN = bit(22);
inline constexpr u64 SS = bit(21); ///< a software step has yet to be made
inline constexpr u64 SSBS = bit(12);
inline constexpr u64 El0t = 0;
inline constexpr u64 El1t = 4;
inline constexpr u64 El1h = 5;
inline constexpr u64 DAIF = 0x3c0;
} // namespace spsr

/// [Arm ARM D24.2.165] SCTLR_EL1
namespace sctlr_el1 {
inline constexpr u64 SPAN = bit(23);  ///< 0: an exception to EL1 sets PSTATE.PAN
inline constexpr u64 DSSBS = bit(44); ///< PSTATE.SSBS after an exception to EL1
} // namespace sctlr_el1

inline constexpr u64 sctlr_el1_reset = 0x30d00800;  ///< [Arm ARM D24.2.165] RES1 bits; MMU, caches off, little-endian
inline constexpr u64 mpidr_affinity = 0xff00ffffff; ///< Aff3, Aff2, Aff1, Aff0

} // namespace trv::arch
