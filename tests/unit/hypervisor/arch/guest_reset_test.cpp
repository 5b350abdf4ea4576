// SPDX-License-Identifier: Apache-2.0
#include "arch/guest_context.hpp"
#include "arch/registers/registers.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace trv::arch {
namespace {

TEST(GuestReset, LeavesNothingOfALifeBefore) {
    GuestContext context;
    std::memset(&context, 0x5a, sizeof(context));
    context.vmpidr = 0x8000'0003;
    context.aarch32 = {};
    reset(context, 0x4020'0000, 0x4400'0000);

    GuestContext expected{};
    expected.vmpidr = 0x8000'0003;
    expected.registers.x[0] = 0x4400'0000;
    expected.registers.pc = 0x4020'0000;
    expected.registers.pstate = 0x3c5; // EL1h, DAIF
    expected.el1.sctlr = 0x30d0'0800;
    EXPECT_EQ(std::memcmp(&context, &expected, sizeof(context)), 0);
}

TEST(GuestReset, KeepsTheStateOfEl1) {
    GuestContext context;
    std::memset(&context, 0x5a, sizeof(context));
    context.vmpidr = 0x8000'0003;
    context.aarch32.in_use = true;
    reset(context, 0x4020'0001, 0x4400'0000);
    EXPECT_EQ(context.registers.pc, 0x4020'0000U);
    EXPECT_EQ(context.registers.pstate, 0x1f3U) << "Supervisor mode in T32, A, I, F";
    EXPECT_EQ(context.registers.x[0], 0x4400'0000U);
    EXPECT_EQ(context.el1.sctlr, 0x00c5'0838U);
    EXPECT_EQ(context.aarch32.fpexc, 0x700U);
    EXPECT_EQ(context.aarch32.dacr | context.aarch32.spsr_abt | context.aarch32.ifsr, 0U);
}

TEST(GuestReset, StartsWithMmuAndCachesOff) {
    GuestContext context{};
    reset(context, 0, 0);
    constexpr u64 mmu_cache_icache = bit(0) | bit(2) | bit(12);
    EXPECT_EQ(context.el1.sctlr & mmu_cache_icache, 0U);
    EXPECT_EQ(context.timer.control, 0U);
}

TEST(GuestRegisters, HaveAZeroRegister) {
    GuestRegisters registers{};
    registers.set(31, 5);
    registers.set(30, 6);
    EXPECT_EQ(registers.get(31), 0U);
    EXPECT_EQ(registers.get(30), 6U);
    EXPECT_EQ(registers.pc, 0U) << "register 31 is not what lies behind x30";
}

} // namespace
} // namespace trv::arch
