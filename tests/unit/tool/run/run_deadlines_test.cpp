// SPDX-License-Identifier: Apache-2.0
#include "tool/run/run_deadlines.hpp"

#include <gtest/gtest.h>

namespace trv::tool::run {
namespace {

using Verdict = RunDeadlines::Verdict;

TEST(RunDeadlines, WaitForTheHypervisorOnly) {
    RunDeadlines deadlines;
    EXPECT_EQ(deadlines.milliseconds(), -1);
    deadlines.start(std::nullopt);
    EXPECT_GT(deadlines.milliseconds(), 0);
    EXPECT_EQ(deadlines.check(), Verdict::GoOn);
    deadlines.forget_ready();
    EXPECT_EQ(deadlines.milliseconds(), -1);
}

TEST(RunDeadlines, TheTimeOutComesFirst) {
    RunDeadlines deadlines;
    deadlines.start(0.0);
    EXPECT_EQ(deadlines.milliseconds(), 0);
    EXPECT_EQ(deadlines.check(), Verdict::TimeOut);
}

TEST(RunDeadlines, TheNextOneCounts) {
    RunDeadlines deadlines;
    deadlines.start(std::nullopt);
    deadlines.begin_gentle_end();
    const int before = deadlines.milliseconds();
    deadlines.begin_forced_end();
    EXPECT_LT(deadlines.milliseconds(), before);
    EXPECT_EQ(deadlines.check(), Verdict::GoOn);
}

TEST(RunDeadlines, SettlingIsAwaitedFromItsBeginning) {
    RunDeadlines deadlines;
    deadlines.await_settling(true);
    const int first = deadlines.milliseconds();
    EXPECT_GT(first, 0);
    deadlines.await_settling(true);
    EXPECT_LE(deadlines.milliseconds(), first);
    deadlines.await_settling(false);
    EXPECT_EQ(deadlines.milliseconds(), -1);
}

} // namespace
} // namespace trv::tool::run
