// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a CPU whose EL1 is in AArch32 takes an exception there [Arm ARM G1.12]. Portable.

#include "arch/aarch32/pstate.hpp"

namespace trv::arch::aarch32 {

enum class Exception : u8 { Undefined, PrefetchAbort, DataAbort };

/// What it takes from the guest's system registers.
struct Control {
    u64 sctlr; ///< SCTLR_EL1
    u64 vbar;  ///< VBAR_EL1
};

/// The vector [Arm ARM G1.12.1].
[[nodiscard]] constexpr u64 vector_of(Exception exception, const Control& control) {
    constexpr u64 high_vectors = 0xffff'0000;
    const u64 base = (control.sctlr & sctlr::V) != 0 ? high_vectors : static_cast<u32>(control.vbar);
    switch (exception) {
    case Exception::Undefined:
        return base + 0x04;
    case Exception::PrefetchAbort:
        return base + 0x0c;
    case Exception::DataAbort:
        return base + 0x10;
    }
    return base;
}

/// What becomes of the CPU.
struct Entry {
    u64 pc;
    u64 pstate;
    unsigned link_register; ///< of the AArch64 view
    u64 link;
    u32 saved; ///< SPSR_und or SPSR_abt
};

/// PSTATE as AArch32's own SPSRs have it: DIT elsewhere, and no software step.
[[nodiscard]] constexpr u32 saved_pstate(u64 before) {
    constexpr u64 own_dit = bit(21);
    const u64 others = before & ~(pstate::DIT | spsr::SS);
    return static_cast<u32>(others | ((before & pstate::DIT) != 0 ? own_dit : 0));
}

/// PSTATE in the handler [Arm ARM G1.12.4].
[[nodiscard]] constexpr u64 handler_pstate(Exception exception, const Control& control, u64 before) {
    const bool undefined = exception == Exception::Undefined;
    const u64 kept = before & (spsr::NZCV | pstate::Q | pstate::GE | pstate::DIT | spsr::PAN | pstate::A | pstate::F);
    u64 after = kept | (undefined ? mode::Undefined : mode::Abort) | pstate::I;
    after |= undefined ? 0 : pstate::A;
    after |= (control.sctlr & sctlr::SPAN) == 0 ? spsr::PAN : 0;
    after |= (control.sctlr & sctlr::EE) != 0 ? pstate::E : 0;
    after |= (control.sctlr & sctlr::TE) != 0 ? pstate::T : 0;
    after |= (control.sctlr & sctlr::DSSBS) != 0 ? pstate::SSBS : 0;
    return after;
}

/// What the handler subtracts from its LR to find the instruction [Arm ARM G1.12.3].
[[nodiscard]] constexpr u64 link_distance(Exception exception, u64 before) {
    switch (exception) {
    case Exception::Undefined:
        return (before & pstate::T) != 0 ? 2 : 4;
    case Exception::PrefetchAbort:
        return 4;
    case Exception::DataAbort:
        return 8;
    }
    return 0;
}

/// @param pc of the instruction that causes it
[[nodiscard]] constexpr Entry enter(Exception exception, const Control& control, u64 pc, u64 before) {
    constexpr unsigned link_register = 14;
    const u64 after = handler_pstate(exception, control, before);
    return {.pc = vector_of(exception, control),
            .pstate = after,
            .link_register = view_of(link_register, after),
            .link = static_cast<u32>(pc + link_distance(exception, before)),
            .saved = saved_pstate(before)};
}

/// DFSR or IFSR of a synchronous external abort that is not on a table walk [Arm ARM G8.2.39, G8.2.82].
/// @param syndrome ESR_EL2 of a data abort; 0 for IFSR
[[nodiscard]] constexpr u64 external_abort_status(u64 ttbcr, u64 syndrome) {
    constexpr u64 long_format = bit(9) | 0x10;
    constexpr u64 short_format = 0x08;
    const u64 write = (syndrome & bit(6)) != 0 ? bit(11) : 0;
    const u64 cache_maintenance = (syndrome & bit(8)) != 0 ? bit(13) : 0;
    return ((ttbcr & ttbcr_eae) != 0 ? long_format : short_format) | write | cache_maintenance;
}

} // namespace trv::arch::aarch32
