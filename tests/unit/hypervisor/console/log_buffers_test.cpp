// SPDX-License-Identifier: Apache-2.0
#include "console/log_buffers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace trv::console {
namespace {

using testing::ElementsAre;

std::vector<std::string> last(const LogHistory& history, std::size_t most) {
    std::vector<std::string> lines;
    history.for_each_of_last(most, [&lines](std::string_view line) { lines.emplace_back(line); });
    return lines;
}

TEST(LogHistory, ShowsTheLastLinesInOrder) {
    const auto history = std::make_unique<LogHistory>();
    EXPECT_TRUE(last(*history, 10).empty());
    history->append("one\n");
    history->append("\n");
    history->append("three\n");
    EXPECT_THAT(last(*history, 10), ElementsAre("one", "", "three"));
    EXPECT_THAT(last(*history, 2), ElementsAre("", "three"));
    EXPECT_TRUE(last(*history, 0).empty());
}

TEST(LogHistory, GivesUpWholeLinesForNewOnes) {
    const auto history = std::make_unique<LogHistory>();
    for (unsigned i = 0; i < 5000; ++i) {
        history->append("line " + std::to_string(i) + std::string(i % 200, 'x') + "\n");
    }
    const auto lines = last(*history, 5000);
    ASSERT_GT(lines.size(), 20U);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t number = 5000 - lines.size() + i;
        EXPECT_EQ(lines[i], "line " + std::to_string(number) + std::string(number % 200, 'x'));
    }
}

TEST(LogHistory, ALineAsLongAsAllOfItDrivesOutTheRest) {
    const auto history = std::make_unique<LogHistory>();
    history->append("short\n");
    history->append(std::string(LogHistory::size - 1, 'y') + "\n");
    EXPECT_EQ(last(*history, 10).size(), 1U);
}

TEST(EarlyLog, KeepsTheFirstLines) {
    EarlyLog early;
    early.append("first\n");
    early.append(std::string(EarlyLog::size, 'x'));
    early.append("second\n");
    EXPECT_EQ(early.text(), "first\nsecond\n");
    EXPECT_EQ(early.dropped(), 1U);
}

} // namespace
} // namespace trv::console
