// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/cpu_facts.hpp"
#include "arch/cpu/cpu_model.hpp"
#include "arch/cpu/errata.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace trv::arch {

void PrintTo(Lack lack, std::ostream* out) {
    *out << name_of(lack);
}

namespace {

constexpr TranslationLimits assumed{44, 16};

CpuFacts with(u64 mmfr0, u64 mmfr1) {
    return {.mmfr0 = mmfr0, .mmfr1 = mmfr1};
}

TEST(CpuFacts, ACpuMustHaveWhatTheTablesAssume) {
    EXPECT_EQ(find_lack(with(4, 0x20), assumed), Lack::Nothing);
    EXPECT_EQ(find_lack(with(6, 0x20), assumed), Lack::Nothing) << "more is no lack";
    EXPECT_EQ(find_lack(with(3, 0x20), assumed), Lack::PhysicalAddresses) << "42 bits";
    EXPECT_EQ(find_lack(with(4, 0), assumed), Lack::Vmids);
    EXPECT_EQ(find_lack(with(4, 0), {44, 8}), Lack::Nothing);
}

TEST(CpuFacts, BothStagesNeedPagesOf4KiB) {
    EXPECT_EQ(find_lack(with(0xf000'0004, 0x20), assumed), Lack::Granule);
    EXPECT_EQ(find_lack(with(u64{1} << 40 | 4, 0x20), assumed), Lack::Granule) << "stage 2 has none of its own";
    EXPECT_EQ(find_lack(with(u64{2} << 40 | 4, 0x20), assumed), Lack::Nothing);
}

TEST(CpuModel, ReadsMidr) {
    EXPECT_EQ(model_of(0x411f'd072), CpuModel::CortexA57);
    EXPECT_EQ(revision_of(0x411f'd072), revision(1, 2));
    EXPECT_EQ(model_of(0x51df'805e), CpuModel::Kryo4xxSilver);
    EXPECT_EQ(model_of(0xffff'ffff'410f'd034), CpuModel::CortexA53) << "the upper half is reserved";
}

TEST(Errata, InvalidationsAreRepeatedOnTheCpusThatNeedIt) {
    EXPECT_TRUE(repeats_tlbi(0x413f'd0b0)) << "Cortex-A76 r3p0";
    EXPECT_TRUE(repeats_tlbi(0x414f'd0b1)) << "Cortex-A76 r4p1";
    EXPECT_TRUE(repeats_tlbi(0x412f'd050)) << "Cortex-A55";
    EXPECT_TRUE(repeats_tlbi(0x413f'd0c1)) << "Neoverse N1";
    EXPECT_TRUE(repeats_tlbi(0x411f'd461)) << "Cortex-A510 r1p1";
    EXPECT_FALSE(repeats_tlbi(0x411f'd462)) << "Cortex-A510 r1p2";
    EXPECT_TRUE(repeats_tlbi(0x51df'804e)) << "Kryo 4xx Gold r13p14";
    EXPECT_FALSE(repeats_tlbi(0x51bf'804e)) << "Kryo 4xx Gold r11p14";
    EXPECT_FALSE(repeats_tlbi(0x411f'd070)) << "Cortex-A57";
    EXPECT_FALSE(repeats_tlbi(0x410f'd034)) << "Cortex-A53";
    EXPECT_FALSE(repeats_tlbi(0x420f'd0b0)) << "another maker's part of the same number";
}

TEST(Errata, HazardsOfGuestsAreKnownByRevision) {
    const auto a57 = guest_hazards(0x411f'd070);
    ASSERT_EQ(a57.size(), 2U);
    EXPECT_EQ(a57[0].number, 832'075U);
    EXPECT_EQ(a57[1].number, 834'220U);
    EXPECT_EQ(guest_hazards(0x411f'd072).size(), 2U) << "r1p2";
    EXPECT_TRUE(guest_hazards(0x411f'd073).empty()) << "r1p3";
    ASSERT_EQ(guest_hazards(0x411f'd0d0).size(), 1U) << "Cortex-A77 r1p0";
    EXPECT_EQ(guest_hazards(0x411f'd0d0)[0].number, 1'508'412U);
    EXPECT_TRUE(guest_hazards(0x411f'd0d1).empty());
    EXPECT_TRUE(guest_hazards(0x410f'd083).empty());
}

} // namespace

} // namespace trv::arch
