// SPDX-License-Identifier: Apache-2.0
#include "guest/host_banks.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::guest {
namespace {

using memory::FrameOwner;
using memory::TakenRange;

class HostBanksTest : public testing::Test {
  public:
    Result<HostBanks> choose(u64 size) { return choose_banks({ram, taken}, size); }
    void take(u64 base, u64 size) { taken.push_back({{Pa(base), size}, FrameOwner::Modules}); }

    std::vector<PaRange> ram{{Pa(0x4000'0000), 2 * GiB}};
    std::vector<TakenRange> taken;
};

TEST_F(HostBanksTest, IsOneRangeWhereThereIsOneLargeEnough) {
    take(0x6000'0000, 128 * MiB);
    const auto banks = choose(GiB);
    ASSERT_TRUE(banks);
    ASSERT_EQ(banks->size(), 1U);
    EXPECT_EQ((*banks)[0], (PaRange{Pa(0x6800'0000), GiB})) << "the largest gap is behind what is taken";
}

TEST_F(HostBanksTest, LeavesFrame0Out) {
    ram = {{Pa(0), GiB}};
    const auto banks = choose(512 * MiB);
    ASSERT_TRUE(banks);
    EXPECT_EQ((*banks)[0], (PaRange{Pa(2 * MiB), 512 * MiB}));
}

TEST_F(HostBanksTest, TakesTheLargestRangesThatAreLeft) {
    take(0x6000'0000, 128 * MiB);
    const auto banks = choose(GiB + 768 * MiB);
    ASSERT_TRUE(banks);
    ASSERT_EQ(banks->size(), 2U);
    EXPECT_EQ((*banks)[0], (PaRange{Pa(0x6800'0000), 0x5800'0000}));
    EXPECT_EQ((*banks)[1].base, Pa(0x4000'0000));
    EXPECT_EQ((*banks)[0].size + (*banks)[1].size, GiB + 768 * MiB);
}

TEST_F(HostBanksTest, BeginsBelow4GiBThoughTheLargerRangeIsAbove) {
    ram = {{Pa(0x8000'0000), 2 * GiB}, {Pa(0x8'8000'0000), 30 * GiB}};
    const auto banks = choose(4 * GiB);
    ASSERT_TRUE(banks);
    ASSERT_EQ(banks->size(), 2U);
    EXPECT_EQ((*banks)[0], (PaRange{Pa(0x8000'0000), 2 * GiB}));
    EXPECT_EQ((*banks)[1], (PaRange{Pa(0x8'8000'0000), 2 * GiB}));
}

TEST_F(HostBanksTest, OneBankMayReachAcross4GiB) {
    ram = {{Pa(0x4000'0000), 7 * GiB}};
    const auto banks = choose(5 * GiB);
    ASSERT_TRUE(banks);
    ASSERT_EQ(banks->size(), 2U);
    EXPECT_EQ((*banks)[0], (PaRange{Pa(0x4000'0000), 3 * GiB}));
    EXPECT_EQ((*banks)[1], (PaRange{Pa(0x1'0000'0000), 2 * GiB}));
}

TEST_F(HostBanksTest, AllRamMayBeAbove4GiB) {
    ram = {{Pa(0x80'0000'0000), 2 * GiB}};
    const auto banks = choose(GiB);
    ASSERT_TRUE(banks);
    EXPECT_EQ((*banks)[0], (PaRange{Pa(0x80'0000'0000), GiB}));
}

TEST_F(HostBanksTest, AreAlignedTo2MiB) {
    ram = {{Pa(0x4000'1000), 64 * MiB}};
    const auto banks = choose(32 * MiB);
    ASSERT_TRUE(banks);
    EXPECT_EQ((*banks)[0].base, Pa(0x4020'0000));
}

TEST_F(HostBanksTest, LeaveSomeForTheHypervisor) {
    EXPECT_FALSE(choose(2 * GiB));
    EXPECT_EQ(choose(2 * GiB - 8 * MiB).error(), Error::NoMemory) << "the frame table needs 2 MiB more";
    EXPECT_TRUE(choose(2 * GiB - 10 * MiB));
}

TEST_F(HostBanksTest, AreRefusedWhereRamIsInTooManyPieces) {
    for (u64 at = 0; at < 2 * GiB; at += 64 * MiB) {
        take(0x4000'0000 + at, MiB);
    }
    EXPECT_TRUE(choose(256 * MiB));
    EXPECT_EQ(choose(GiB).error(), Error::NoMemory);
}

TEST_F(HostBanksTest, ASizeIsAMultipleOf2MiB) {
    EXPECT_EQ(choose(0).error(), Error::Invalid);
    EXPECT_EQ(choose(GiB + MiB).error(), Error::Invalid);
}

} // namespace
} // namespace trv::guest
