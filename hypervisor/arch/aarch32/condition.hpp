// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether a trapped A32 or T32 instruction is to be executed: one whose condition fails may trap all the same
// [Arm ARM G1.17.3]. Portable.

#include "arch/registers/registers.hpp"

namespace trv::arch::aarch32 {

/// [Arm ARM F1.4.1] The condition field of an instruction, and the flags.
[[nodiscard]] constexpr bool condition_holds(u64 condition, u64 pstate) {
    const bool n = (pstate & bit(31)) != 0;
    const bool z = (pstate & bit(30)) != 0;
    const bool c = (pstate & bit(29)) != 0;
    const bool v = (pstate & bit(28)) != 0;
    bool holds = true;
    switch (condition >> 1) {
    case 0: // EQ, NE
        holds = z;
        break;
    case 1: // CS, CC
        holds = c;
        break;
    case 2: // MI, PL
        holds = n;
        break;
    case 3: // VS, VC
        holds = v;
        break;
    case 4: // HI, LS
        holds = c && !z;
        break;
    case 5: // GE, LT
        holds = n == v;
        break;
    case 6: // GT, LE
        holds = n == v && !z;
        break;
    default: // always
        return true;
    }
    return (condition & 1) != 0 ? !holds : holds;
}

/// The same of the instruction that a syndrome, ESR_EL2, is about. Its class has the fields CV and COND [Arm ARM D24.2.45]; without them
/// the condition is that of the IT block, if there is one.
[[nodiscard]] constexpr bool is_executed(u64 syndrome, u64 pstate) {
    if ((syndrome & bit(24)) != 0) {
        return condition_holds(field(syndrome, 23, 20), pstate);
    }
    const u64 it = field(pstate, 15, 10) << 2 | field(pstate, 26, 25);
    return it == 0 || condition_holds(it >> 4, pstate);
}

} // namespace trv::arch::aarch32
