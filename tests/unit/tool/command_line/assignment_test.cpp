// SPDX-License-Identifier: Apache-2.0
#include "tool/command_line/assignment.hpp"

#include <gtest/gtest.h>

namespace trv::tool::command_line {
namespace {

TEST(Assignment, SplitsAtTheFirstEqualsSign) {
    const auto pair = parse_assignment("--exec", "vm=A=1 env");
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->first, "vm");
    EXPECT_EQ(pair->second, "A=1 env");
}

TEST(Assignment, RefusesHalfOnes) {
    for (const char* text : {"", "vm", "=ls", "vm="}) {
        const auto pair = parse_assignment("--exec", text);
        ASSERT_FALSE(pair) << text;
        EXPECT_EQ(exit_code(pair.error()), 2);
    }
}

} // namespace
} // namespace trv::tool::command_line
