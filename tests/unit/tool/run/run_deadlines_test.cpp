// SPDX-License-Identifier: Apache-2.0
#include "tool/run/run_deadlines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace trv::tool::run {
namespace {

using Verdict = RunDeadlines::Verdict;

class RunDeadlinesTest : public testing::Test {
  protected:
    RunDeadlines deadlines_;
    EventLoop loop_;
    std::vector<Verdict> verdicts_;
    std::array<EventLoop::Source, 5> sources_ =
        deadlines_.watch(loop_, [this](Verdict verdict) { verdicts_.push_back(verdict); });
};

TEST_F(RunDeadlinesTest, WaitForTheHypervisorOnly) {
    EXPECT_EQ(loop_.milliseconds(), -1);
    deadlines_.start(std::nullopt);
    EXPECT_GT(loop_.milliseconds(), 0);
    deadlines_.forget_ready();
    EXPECT_EQ(loop_.milliseconds(), -1);
}

TEST_F(RunDeadlinesTest, TheTimeOutComesFirst) {
    deadlines_.start(0.0);
    EXPECT_EQ(loop_.milliseconds(), 0);
    ASSERT_TRUE(loop_.step());
    EXPECT_THAT(verdicts_, testing::ElementsAre(Verdict::TimeOut));
}

TEST_F(RunDeadlinesTest, TheNextOneCounts) {
    deadlines_.start(std::nullopt);
    deadlines_.begin_gentle_end();
    const int before = loop_.milliseconds();
    deadlines_.begin_forced_end();
    EXPECT_LT(loop_.milliseconds(), before);
    EXPECT_GT(loop_.milliseconds(), 0);
}

TEST_F(RunDeadlinesTest, SettlingIsAwaitedFromItsBeginning) {
    deadlines_.await_settling(true);
    const int first = loop_.milliseconds();
    EXPECT_GT(first, 0);
    deadlines_.await_settling(true);
    EXPECT_LE(loop_.milliseconds(), first);
    deadlines_.await_settling(false);
    EXPECT_EQ(loop_.milliseconds(), -1);
}

} // namespace
} // namespace trv::tool::run
