// SPDX-License-Identifier: Apache-2.0
#pragma once
// Loads and stores of one register that also change their base register. A CPU does not describe them to a hypervisor
// [Arm ARM ESR_EL2, ISS encoding for a Data Abort: ISV], so that it has to look at the instruction.

#include "arch/registers/syndrome.hpp"

#include <optional>

namespace trv::arch {

struct WriteBackAccess {
    u64 iss;             ///< of a DataAbort: what it would say of the access, besides WnR and the fault
    bool write;          ///< a store
    unsigned base;       ///< the register, 0 to 30
    u64 change;          ///< added to it, modulo 2^64
    bool changed_before; ///< the access is to the changed address
};

/// LDR, LDRB, LDRH, LDRSB, LDRSH, LDRSW, STR, STRB and STRH, post-indexed and pre-indexed [Arm ARM C4.1.94 "Load/store
/// register (immediate post-indexed)" and "(immediate pre-indexed)"].
/// @param instruction  any value
/// @return nothing for every other instruction, for those whose base is the stack pointer, and for those that are
///         unpredictable because base and target are one
[[nodiscard]] constexpr std::optional<WriteBackAccess> decode_write_back(u32 instruction) {
    constexpr u32 fixed = 0x3f20'0400;
    constexpr u32 form = 0x3800'0400;
    const unsigned size = static_cast<unsigned>(field(instruction, 31, 30));
    const unsigned operation =
        static_cast<unsigned>(field(instruction, 23, 22)); // store, load, signed to 64 or 32 bits
    const unsigned base = static_cast<unsigned>(field(instruction, 9, 5));
    const unsigned target = static_cast<unsigned>(field(instruction, 4, 0));
    const bool is_signed = operation >= 2;
    constexpr unsigned stack_pointer = 31;
    if ((instruction & fixed) != form || base == stack_pointer || base == target ||
        (is_signed && size + operation >= 5)) { // no wider than what it is extended to
        return std::nullopt;
    }
    const bool is_wide = is_signed ? operation == 2 : size == 3;
    const u64 offset = field(instruction, 20, 12);
    return WriteBackAccess{.iss = bit(24) | u64{size} << 22 | (is_signed ? bit(21) : 0) | u64{target} << 16 |
                                  (is_wide ? bit(15) : 0),
                           .write = operation == 0,
                           .base = base,
                           .change = (offset & bit(8)) != 0 ? offset | ~u64{0xff} : offset,
                           .changed_before = (instruction & bit(11)) != 0};
}

} // namespace trv::arch
