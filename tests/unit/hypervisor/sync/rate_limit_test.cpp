// SPDX-License-Identifier: Apache-2.0
#include "sync/rate_limit.hpp"

#include <gtest/gtest.h>

namespace trv {
namespace {

TEST(RateLimit, PassesABurstThenOneAnInterval) {
    RateLimit limit(3, 100);
    EXPECT_EQ(limit.pass(0), 0U);
    EXPECT_EQ(limit.pass(0), 0U);
    EXPECT_EQ(limit.pass(0), 0U);
    EXPECT_EQ(limit.pass(0), std::nullopt);
    EXPECT_EQ(limit.pass(99), std::nullopt);
    EXPECT_EQ(limit.pass(100), 2U);
    EXPECT_EQ(limit.pass(100), std::nullopt);
    EXPECT_EQ(limit.pass(250), 1U);
    EXPECT_EQ(limit.pass(300), 0U) << "the half interval was not lost";
}

TEST(RateLimit, SavesNoMoreThanABurst) {
    RateLimit limit(2, 100);
    EXPECT_TRUE(limit.pass(1'000'000));
    EXPECT_TRUE(limit.pass(1'000'000));
    EXPECT_FALSE(limit.pass(1'000'000));
    EXPECT_TRUE(limit.pass(~u64{0}));
}

TEST(RateLimit, TakesAnOlderTimeForNow) {
    RateLimit limit(1, 100);
    EXPECT_TRUE(limit.pass(1000));
    EXPECT_FALSE(limit.pass(10));
    EXPECT_TRUE(limit.pass(1100));
}

} // namespace
} // namespace trv
