// SPDX-License-Identifier: Apache-2.0
#include "sched/cap.hpp"

#include <gtest/gtest.h>

namespace trv::sched {
namespace {

constexpr u64 ms = 1'000'000; // the fake clock has a tick a nanosecond
constexpr u64 start = 5'000 * ms;

TEST(Cap, NoneIsUnlimited) {
    Cap cap(0);
    cap.charge(1'000'000 * ms, start);
    EXPECT_FALSE(cap.is_set());
    EXPECT_EQ(cap.left(start), ~u64{0});
}

TEST(Cap, GivesItsPartOfEachPeriod) {
    Cap cap(30);
    EXPECT_EQ(cap.left(start), 30 * ms);
    cap.charge(10 * ms, start + 10 * ms);
    EXPECT_EQ(cap.left(start + 10 * ms), 20 * ms);
    cap.charge(20 * ms, start + 30 * ms);
    EXPECT_EQ(cap.left(start + 99 * ms), 0U);
    EXPECT_EQ(cap.left(start + 100 * ms), 30 * ms);
    EXPECT_EQ(cap.period_end(start + 30 * ms), start + 100 * ms);
}

TEST(Cap, MayBeMoreThanOneCpu) {
    Cap cap(250);
    EXPECT_EQ(cap.left(start), 250 * ms);
}

TEST(Cap, WhatWasUsedTooMuchIsMissingLater) {
    Cap cap(30);
    cap.charge(70 * ms, start);
    EXPECT_EQ(cap.left(start + 100 * ms), 0U) << "40 ms too many";
    EXPECT_EQ(cap.left(start + 200 * ms), 20 * ms);
    EXPECT_EQ(cap.left(start + 300 * ms), 30 * ms);
}

TEST(Cap, NothingIsSavedUp) {
    Cap cap(30);
    cap.charge(ms, start);
    EXPECT_EQ(cap.left(start + 10'000 * ms), 30 * ms);
}

TEST(Cap, AClockThatIsALittleBehindChangesNothing) {
    Cap cap(30);
    cap.charge(30 * ms, start + 100 * ms);
    EXPECT_EQ(cap.left(start + 99 * ms), 0U) << "another CPU read its counter before the period began";
}

} // namespace
} // namespace trv::sched
