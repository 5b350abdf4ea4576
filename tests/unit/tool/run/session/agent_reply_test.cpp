// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/agent_reply.hpp"

#include <gtest/gtest.h>

namespace trv::tool::run {
namespace {

using contract::agent::Reply;

TEST(AgentReply, IsReadFromALine) {
    EXPECT_EQ(parse_agent_reply("hello 1")->kind, Reply::Hello);
    EXPECT_EQ(parse_agent_reply("hello 1")->code, 1);
    const auto exit = parse_agent_reply("exit 12 143");
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->kind, Reply::Exit);
    EXPECT_EQ(exit->id, 12U);
    EXPECT_EQ(exit->code, 143);
    EXPECT_EQ(parse_agent_reply("error bad base 64")->text, "bad base 64");
}

TEST(AgentReply, IsNothingElse) {
    for (const char* line : {"", "hello", "hello x", "hello 1 2", "exit 1", "exit x 1", "exit -1 0", "exit 1 2 3",
                             "exit 99999999999 0", "Hello 1", " hello 1", "exit 1 2147483648"}) {
        EXPECT_FALSE(parse_agent_reply(line)) << line;
    }
}

TEST(AgentReply, ReadsEveryKind) {
    EXPECT_EQ(parse_agent_reply("hello 1")->kind, Reply::Hello);
    EXPECT_EQ(parse_agent_reply("error no such request")->text, "no such request");
    const auto ack = parse_agent_reply("ack 1001000 1536");
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->kind, Reply::Ack);
    EXPECT_EQ(ack->id, 1'001'000U);
    EXPECT_EQ(parse_agent_reply("sum 7 00ff")->text, "00ff");
    EXPECT_EQ(parse_agent_reply("output 7 Zm9v")->text, "foo");
    EXPECT_EQ(parse_agent_reply("exit 7 139")->code, 139);
    EXPECT_EQ(parse_agent_reply("failed 7 cannot write /x: No space left on device")->text,
              "cannot write /x: No space left on device");
}

TEST(AgentReply, RefusesNoise) {
    for (const char* line : {"", "ack", "ack x 1", "ack 7", "output 7 ?", "exit -1 0", "sum 99999999999 0", "what"}) {
        EXPECT_FALSE(parse_agent_reply(line)) << line;
    }
}

TEST(AgentReply, AsksForACommand) {
    EXPECT_EQ(agent_request(contract::agent::Request::Exec, 3, {}, "foo"), "exec 3 Zm9v\n");
}

} // namespace
} // namespace trv::tool::run
