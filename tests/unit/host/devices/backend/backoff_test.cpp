// SPDX-License-Identifier: Apache-2.0
#include "host/devices/backend/backoff.hpp"

#include <gtest/gtest.h>

namespace trv::host::devices {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, IsLongerWithEachEnd) {
    Backoff backoff{0.5};
    EXPECT_EQ(backoff.next(0s, 5), 0.5);
    EXPECT_EQ(backoff.next(999ms, 5), 1);
    EXPECT_EQ(backoff.next(0s, 5), 2);
    EXPECT_EQ(backoff.next(0s, 5), 4);
    EXPECT_EQ(backoff.next(0s, 5), 5);
    EXPECT_EQ(backoff.next(0s, 1), 1) << "the longest delay may be another one each time";
}

TEST(Backoff, IsShortAfterWhatHasWorked) {
    Backoff backoff{0.5};
    EXPECT_EQ(backoff.next(0s, 5), 0.5);
    EXPECT_EQ(backoff.next(0s, 5), 1);
    EXPECT_EQ(backoff.next(1s, 5), 0.5);
    EXPECT_EQ(backoff.next(0s, 5), 1);
    backoff.forget();
    EXPECT_EQ(backoff.next(0s, 5), 0.5);
}

} // namespace
} // namespace trv::host::devices
