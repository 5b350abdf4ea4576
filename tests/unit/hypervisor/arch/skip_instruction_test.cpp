// SPDX-License-Identifier: Apache-2.0
#include "arch/skip_instruction.hpp"

#include <gtest/gtest.h>

namespace trv::arch {
namespace {

TEST(SkipInstruction, TheNextOneNeedNotBeABranchTarget) {
    GuestRegisters registers{};
    registers.pc = 0x1000;
    registers.pstate = spsr::El0t | spsr::NZCV | u64{2} << 10;
    skip_instruction(registers, 4);
    EXPECT_EQ(registers.pc, 0x1004U);
    EXPECT_EQ(registers.pstate, spsr::El0t | spsr::NZCV);
}

/// ITSTATE as the manual writes it: IT[7:2] in bits 15:10, IT[1:0] in bits 26:25.
constexpr u64 with_it(u64 it) {
    return spsr::AArch32 | bit(5) | field(it, 7, 2) << 10 | field(it, 1, 0) << 25;
}

TEST(SkipInstruction, AnItBlockGoesOn) {
    EXPECT_EQ(pstate_after(with_it(0b0001'1001)), with_it(0b0001'0010)) << "base condition, then three more of them";
    EXPECT_EQ(pstate_after(with_it(0b0001'0010)), with_it(0b0000'0100));
    EXPECT_EQ(pstate_after(with_it(0b1110'0100)), with_it(0b1110'1000));
    EXPECT_EQ(pstate_after(with_it(0b1110'1000)), with_it(0)) << "that was the last";
    EXPECT_EQ(pstate_after(with_it(0)), with_it(0)) << "no block";
}

} // namespace
} // namespace trv::arch
