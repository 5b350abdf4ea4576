// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/clock.hpp"
#include "vdev/rtc/vpl031.hpp"

#include <gtest/gtest.h>

namespace trv::vdev {
namespace {

constexpr u64 second = 1'000'000'000; // the fake clock's ticks
constexpr u32 boot_date = 1'790'000'000;

constexpr u64 data = 0x000;
constexpr u64 match = 0x004;
constexpr u64 load = 0x008;
constexpr u64 control = 0x00c;
constexpr u64 mask = 0x010;
constexpr u64 raw_status = 0x014;
constexpr u64 masked_status = 0x018;

class VPl031Test : public testing::Test {
  protected:
    void SetUp() override { arch::fake_ticks = 5 * second; }
    void TearDown() override { arch::fake_ticks = 0; }
    u64 read(u64 offset, u8 size = 4) { return rtc_.read({.offset = offset, .size = size, .vcpu = 0}).value; }
    void write(u64 offset, u64 value, u8 size = 4) { rtc_.write({.offset = offset, .size = size, .vcpu = 0}, value); }

    VPl031 rtc_{WallClock(boot_date, 5 * second, second)};
};

TEST_F(VPl031Test, CountsSecondsFromTheMachinesDate) {
    EXPECT_EQ(read(data), boot_date);
    arch::fake_ticks += 10 * second - 1;
    EXPECT_EQ(read(data), boot_date + 9);
    arch::fake_ticks += 1;
    EXPECT_EQ(read(data), boot_date + 10);
    EXPECT_EQ(read(control), 1U);
}

TEST_F(VPl031Test, TakesTheGuestsDate) {
    write(load, 1000);
    EXPECT_EQ(read(load), 1000U);
    EXPECT_EQ(read(data), 1000U);
    arch::fake_ticks += 7 * second;
    EXPECT_EQ(read(data), 1007U);
    write(load, 0xffff'ffff);
    arch::fake_ticks += 2 * second;
    EXPECT_EQ(read(data), 1U) << "32 bits wrap";
}

TEST_F(VPl031Test, NeverMatches) {
    write(match, boot_date + 1);
    write(mask, 0xffff'ffff);
    EXPECT_EQ(read(match), boot_date + 1);
    EXPECT_EQ(read(mask), 1U);
    arch::fake_ticks += 3 * second;
    EXPECT_EQ(read(raw_status), 0U);
    EXPECT_EQ(read(masked_status), 0U);
}

TEST_F(VPl031Test, HasTheIdentificationThatDriversLookFor) {
    u64 id = 0;
    for (u64 i = 0; i < 4; ++i) {
        id |= read(0xfe0 + 4 * i) << (8 * i);
    }
    EXPECT_EQ(id & 0x000f'ffff, 0x0004'1031U); // [Linux, drivers/rtc/rtc-pl031.c]
    EXPECT_EQ(read(0xff0), 0x0dU);
    EXPECT_EQ(read(0xffc), 0xb1U);
}

TEST_F(VPl031Test, AnswersOtherAccessesAsReserved) {
    EXPECT_EQ(read(0xfe0, 1), 0x31U) << "identification is in bytes";
    EXPECT_EQ(read(0xffc, 1), 0xb1U);
    EXPECT_EQ(read(0xffd, 1), 0U);
    EXPECT_EQ(read(data, 1), 0U);
    EXPECT_EQ(read(data, 8), 0U);
    EXPECT_EQ(read(2, 2), 0U);
    EXPECT_EQ(read(0x100), 0U);
    write(load, 7, 2);
    write(data, 7);
    write(control, 0);
    EXPECT_EQ(read(data), boot_date);
    EXPECT_EQ(read(control), 1U);
}

TEST(WallClock, StandsStillWithoutAFrequency) {
    EXPECT_EQ(WallClock(7, 0, 0).at(1'000'000), 7U);
}

} // namespace
} // namespace trv::vdev
