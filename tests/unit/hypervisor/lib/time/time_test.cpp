// SPDX-License-Identifier: Apache-2.0
#include "lib/time/pace.hpp"
#include "lib/time/time.hpp"

#include <gtest/gtest.h>

namespace trv {
namespace {

TEST(Time, ConvertsTicksForYears) {
    EXPECT_EQ(ticks_to_nanoseconds(62'500'000, 62'500'000), 1'000'000'000U);
    EXPECT_EQ(ticks_to_nanoseconds(1, 62'500'000), 16U);
    constexpr u64 century = u64{100} * 365 * 86400;
    EXPECT_EQ(ticks_to_nanoseconds(century * 1'000'000'000 + 7, 1'000'000'000), century * 1'000'000'000 + 7);
    EXPECT_EQ(ticks_to_nanoseconds(century * 24'000'000 + 12'000'000, 24'000'000),
              century * 1'000'000'000 + 500'000'000);
}

TEST(Time, SurvivesAMissingFrequency) {
    EXPECT_EQ(ticks_to_nanoseconds(1000, 0), 0U);
}

TEST(PaceTest, ABurstGoesAtOnceAndThenOneAnInterval) {
    Pace pace(3, 100);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(pace.next_turn(1000), 1000U);
    }
    EXPECT_EQ(pace.next_turn(1000), 1100U);
    EXPECT_EQ(pace.next_turn(1000), 1200U);
    EXPECT_EQ(pace.next_turn(1250), 1300U);
}

TEST(PaceTest, ABurstIsThereRightFromTheStart) {
    Pace pace(2, 100);
    EXPECT_EQ(pace.next_turn(0), 0U);
    EXPECT_EQ(pace.next_turn(0), 0U);
    EXPECT_EQ(pace.next_turn(0), 100U);
}

TEST(PaceTest, RestEarnsTurnsUpToABurst) {
    Pace pace(2, 100);
    (void)pace.next_turn(0);
    (void)pace.next_turn(0);
    EXPECT_EQ(pace.next_turn(100), 100U);
    for (unsigned i = 0; i < 2; ++i) {
        EXPECT_EQ(pace.next_turn(10'000), 10'000U);
    }
    EXPECT_EQ(pace.next_turn(10'000), 10'100U);
}

} // namespace

} // namespace trv
