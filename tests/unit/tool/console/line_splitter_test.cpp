// SPDX-License-Identifier: Apache-2.0
#include "tool/console/line_splitter.hpp"

#include <gtest/gtest.h>

namespace trv::tool::console {
namespace {

TEST(LineSplitter, GivesCompleteLinesWithoutTheirEnds) {
    LineSplitter splitter;
    splitter.feed("one\r\ntw");
    EXPECT_EQ(splitter.next(), "one");
    EXPECT_EQ(splitter.next(), std::nullopt);
    splitter.feed("o\n\nthree");
    EXPECT_EQ(splitter.next(), "two");
    EXPECT_EQ(splitter.next(), "");
    EXPECT_EQ(splitter.next(), std::nullopt);
    EXPECT_EQ(splitter.rest(), "three");
    EXPECT_EQ(splitter.rest(), std::nullopt);
}

TEST(LineSplitter, KeepsCarriageReturnsWithinALine) {
    LineSplitter splitter;
    splitter.feed("10%\r20%\r\r\n");
    EXPECT_EQ(splitter.next(), "10%\r20%");
}

TEST(LineSplitter, EndsALineThatNeverEnds) {
    LineSplitter splitter;
    splitter.feed(std::string(LineSplitter::longest_line + 3, 'x') + "\ny\n");
    EXPECT_EQ(splitter.next(), std::string(LineSplitter::longest_line, 'x'));
    EXPECT_EQ(splitter.next(), "xxx");
    EXPECT_EQ(splitter.next(), "y");
}

} // namespace
} // namespace trv::tool::console
