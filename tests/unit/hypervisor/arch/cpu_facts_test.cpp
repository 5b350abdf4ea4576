// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu_facts.hpp"

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

} // namespace
} // namespace trv::arch
