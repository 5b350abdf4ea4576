// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/agent_message.hpp"

#include <gtest/gtest.h>

namespace trv::tool::run {
namespace {

TEST(AgentMessage, IsReadFromALine) {
    EXPECT_EQ(parse_agent_message("hello 1")->kind, AgentMessage::Kind::Hello);
    EXPECT_EQ(parse_agent_message("hello 1")->code, 1);
    const auto exit = parse_agent_message("exit 12 143");
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->kind, AgentMessage::Kind::Exit);
    EXPECT_EQ(exit->id, 12U);
    EXPECT_EQ(exit->code, 143);
    EXPECT_EQ(parse_agent_message("error bad base 64")->text, "bad base 64");
}

TEST(AgentMessage, IsNothingElse) {
    for (const char* line : {"", "hello", "hello x", "hello 1 2", "exit 1", "exit x 1", "exit -1 0", "exit 1 2 3",
                             "exit 99999999999 0", "Hello 1", " hello 1", "exit 1 2147483648"}) {
        EXPECT_FALSE(parse_agent_message(line)) << line;
    }
}

TEST(AgentMessage, AsksForACommand) {
    EXPECT_EQ(exec_request(3, "foo"), "exec 3 Zm9v\n");
}

} // namespace
} // namespace trv::tool::run
