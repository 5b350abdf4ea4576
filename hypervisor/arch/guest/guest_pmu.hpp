// SPDX-License-Identifier: Apache-2.0
#pragma once
// A vCPU's performance monitors [Arm ARM D13]. Each access of a guest to them traps, so that they are kept here, and the
// hardware has those of the loaded vCPU while it counts: nothing is paid for a guest that counts nothing. They count in the
// guest alone: neither in EL2, nor while another vCPU runs.

#include "lib/types.hpp"

#include <array>

namespace trv::arch {

/// [Arm ARM D24.5.10] PMCR_EL0
namespace pmcr {
inline constexpr u64 E = 1 << 0; ///< counters count
inline constexpr u64 P = 1 << 1; ///< write: event counters become 0
inline constexpr u64 C = 1 << 2; ///< write: the cycle counter becomes 0
inline constexpr u64 D = 1 << 3; ///< the cycle counter counts every 64th cycle
inline constexpr u64 DP = 1 << 5;
inline constexpr u64 LC = 1 << 6; ///< the cycle counter overflows at 64 bits
inline constexpr u64 kept = E | D | DP | LC;
inline constexpr unsigned N = 11; ///< five bits: the number of event counters
inline constexpr u64 identification = 0xffff'0000;
} // namespace pmcr

struct PmuRegisters {
    static constexpr unsigned most = 31; ///< event counters
    static constexpr u32 cycle_bit = u32{1} << 31;

    u64 control;    ///< PMCR_EL0, what is kept of it
    u64 users;      ///< PMUSERENR_EL0
    u32 select;     ///< PMSELR_EL0
    u32 enabled;    ///< PMCNTENSET_EL0
    u32 interrupts; ///< PMINTENSET_EL1
    u32 overflowed; ///< PMOVSSET_EL0
    u64 cycles;
    u64 cycle_filter; ///< PMCCFILTR_EL0
    std::array<u64, most> counters;
    std::array<u32, most> types; ///< PMEVTYPER<n>_EL0

    /// Whether the hardware has them while the vCPU is loaded.
    [[nodiscard]] constexpr bool in_use() const { return ((control & pmcr::E) != 0 && enabled != 0) || users != 0; }
    /// The interrupt's level.
    [[nodiscard]] constexpr bool is_asserted() const {
        return (control & pmcr::E) != 0 && (overflowed & interrupts) != 0;
    }
};

/// Filters of a counter, of which EL2's own work, EL3's and other threads' of the core are no part [Arm ARM D24.5.17].
inline constexpr u32 event_filters = 0xf000'0000 & ~(u32{1} << 27); // P, U, NSK, NSU
inline constexpr u32 event_number = 0xffff;

/// What this CPU has.
struct PmuFacts {
    unsigned version;          ///< 0: none that guests could have
    unsigned counters;         ///< of events
    u64 identification;        ///< of PMCR_EL0
    std::array<u64, 2> events; ///< PMCEID0_EL0, PMCEID1_EL0
};
[[nodiscard]] PmuFacts pmu_facts();

/// To this CPU, which counts from the exception return on.
/// @param interrupts a bit for each counter that interrupts if it has overflowed
void load_pmu(const PmuRegisters& registers, u32 interrupts);
/// From this CPU, which then counts no more, and does not interrupt.
void save_pmu(PmuRegisters& registers);
/// The same without a guest. No effect on a CPU without a PMU.
void silence_pmu();

} // namespace trv::arch
