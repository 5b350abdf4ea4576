// SPDX-License-Identifier: Apache-2.0
#pragma once
// PC and PSTATE after an instruction that EL2 has emulated. Portable.

#include "arch/guest_context.hpp"
#include "arch/registers/registers.hpp"

namespace trv::arch {

/// PSTATE after an instruction that is not a branch: its BTYPE is 0 [Arm ARM D8.4.6]; a guest that steps has made its step,
/// so that the software step exception is due [Arm ARM D2.12]; in a T32 IT block the next condition is [Arm ARM F2.3.1].
[[nodiscard]] constexpr u64 pstate_after(u64 pstate) {
    if ((pstate & spsr::AArch32) == 0) {
        return pstate & ~(spsr::BTYPE | spsr::SS);
    }
    const u64 it = field(pstate, 15, 10) << 2 | field(pstate, 26, 25);
    const bool last = (it & 7) == 0;
    const u64 next = last ? 0 : (it & 0xe0) | (it << 1 & 0x1f);
    return (pstate & ~(spsr::IT | spsr::SS)) | field(next, 7, 2) << 10 | field(next, 1, 0) << 25;
}

/// @param size of the instruction, in bytes
inline void skip_instruction(GuestRegisters& registers, u64 size) {
    registers.pc += size;
    registers.pstate = pstate_after(registers.pstate);
}

} // namespace trv::arch
