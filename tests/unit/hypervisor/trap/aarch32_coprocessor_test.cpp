// SPDX-License-Identifier: Apache-2.0
#include "trap/aarch32_coprocessor.hpp"

#include <gtest/gtest.h>

namespace trv::trap::aarch32 {
namespace {

constexpr u64 transfer(u32 op1, u32 crn, u32 crm, u32 op2, bool read = true) {
    return u64{op2} << 17 | u64{op1} << 14 | u64{crn} << 10 | u64{5} << 5 | u64{crm} << 1 | (read ? 1 : 0);
}

TEST(Coprocessor, RegistersHaveTheirCounterparts) {
    EXPECT_EQ(counterpart(RegisterTransfer{transfer(0, 0, 1, 0)}), system_register(3, 0, 0, 1, 0)) << "ID_PFR0";
    EXPECT_EQ(counterpart(RegisterTransfer{transfer(0, 1, 0, 1)}), system_register(3, 0, 1, 0, 1)) << "ACTLR";
    EXPECT_EQ(counterpart(RegisterTransfer{transfer(0, 1, 0, 3)}), system_register(3, 0, 1, 0, 1)) << "ACTLR2";
    EXPECT_EQ(counterpart(RegisterTransfer{transfer(0, 12, 11, 1)}), system_register(3, 0, 12, 11, 1)) << "ICC_DIR";
    EXPECT_EQ(counterpart(RegisterTransfer{transfer(0, 14, 2, 0)}), system_register(3, 3, 14, 2, 0)) << "CNTP_TVAL";
    EXPECT_EQ(counterpart(RegisterTransfer{transfer(0, 14, 2, 1)}), system_register(3, 3, 14, 2, 1)) << "CNTP_CTL";
    EXPECT_FALSE(counterpart(RegisterTransfer{transfer(0, 15, 0, 0)})) << "implementation defined";
    EXPECT_FALSE(counterpart(RegisterTransfer{transfer(1, 0, 1, 0)}));
    EXPECT_FALSE(counterpart(RegisterTransfer{transfer(0, 9, 12, 0)})) << "no PMU";
}

TEST(Coprocessor, PairsHaveTheirCounterparts) {
    const auto pair = [](u32 op1, u32 crm) { return PairTransfer{u64{op1} << 16 | u64{crm} << 1}; };
    EXPECT_EQ(counterpart(pair(0, 12)), system_register(3, 0, 12, 11, 5)) << "ICC_SGI1R";
    EXPECT_EQ(counterpart(pair(1, 12)), system_register(3, 0, 12, 11, 6)) << "ICC_ASGI1R";
    EXPECT_EQ(counterpart(pair(2, 12)), system_register(3, 0, 12, 11, 7)) << "ICC_SGI0R";
    EXPECT_EQ(counterpart(pair(2, 14)), system_register(3, 3, 14, 2, 2)) << "CNTP_CVAL";
    EXPECT_FALSE(counterpart(pair(3, 12)));
    EXPECT_FALSE(counterpart(PairTransfer{pair(0, 12).iss | 1})) << "write-only";
    EXPECT_FALSE(counterpart(pair(0, 14)));
}

TEST(Coprocessor, WhatDescribesAArch64IsNotThere) {
    EXPECT_FALSE(is_reserved_identification({transfer(0, 0, 1, 0)}));
    EXPECT_FALSE(is_reserved_identification({transfer(0, 0, 2, 7)}));
    EXPECT_FALSE(is_reserved_identification({transfer(0, 0, 3, 4)})) << "ID_PFR2";
    EXPECT_TRUE(is_reserved_identification({transfer(0, 0, 3, 0)})) << "MVFR0_EL1's place";
    EXPECT_TRUE(is_reserved_identification({transfer(0, 0, 4, 0)})) << "ID_AA64PFR0_EL1's place";
    EXPECT_FALSE(is_reserved_identification({transfer(0, 1, 4, 0)}));
}

TEST(Coprocessor, VmrsReadsTheMediaRegisters) {
    EXPECT_EQ(media_register(transfer(7, 7, 0, 0)), system_register(3, 0, 0, 3, 0)) << "MVFR0";
    EXPECT_EQ(media_register(transfer(7, 6, 0, 0)), system_register(3, 0, 0, 3, 1)) << "MVFR1";
    EXPECT_EQ(media_register(transfer(7, 5, 0, 0)), system_register(3, 0, 0, 3, 2)) << "MVFR2";
    EXPECT_FALSE(media_register(transfer(7, 0, 0, 0))) << "FPSID does not trap";
}

TEST(Coprocessor, ATrapOfACounterpartNamesTheSame) {
    const auto name = system_register(3, 3, 14, 2, 2);
    EXPECT_EQ(trap_of(name, 17, true).name(), name);
    EXPECT_EQ(trap_of(name, 17, true).register_index(), 17U);
    EXPECT_TRUE(trap_of(name, 17, true).read());
    EXPECT_FALSE(trap_of(name, 17, false).read());
}

} // namespace
} // namespace trv::trap::aarch32
