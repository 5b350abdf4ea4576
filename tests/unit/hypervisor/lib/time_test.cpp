// SPDX-License-Identifier: Apache-2.0
#include "lib/time.hpp"

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

} // namespace
} // namespace trv
