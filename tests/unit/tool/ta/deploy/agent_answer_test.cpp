// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/agent_answer.hpp"
#include "tool/ta/deploy/guest_files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

using Kind = AgentAnswer::Kind;

TEST(AgentAnswer, ReadsEveryKind) {
    EXPECT_EQ(parse_agent_answer("hello 1")->kind, Kind::Hello);
    EXPECT_EQ(parse_agent_answer("error no such request")->text, "no such request");
    const auto ack = parse_agent_answer("ack 1001000 1536");
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->kind, Kind::Ack);
    EXPECT_EQ(ack->id, 1'001'000U);
    EXPECT_EQ(parse_agent_answer("sum 7 00ff")->text, "00ff");
    EXPECT_EQ(parse_agent_answer("output 7 Zm9v")->text, "foo");
    EXPECT_EQ(parse_agent_answer("exit 7 139")->text, "139");
    EXPECT_EQ(parse_agent_answer("failed 7 cannot write /x: No space left on device")->text,
              "cannot write /x: No space left on device");
}

TEST(AgentAnswer, RefusesNoise) {
    for (const char* line : {"", "ack", "ack x 1", "ack 7", "output 7 ?", "exit -1 0", "sum 99999999999 0", "what"}) {
        EXPECT_FALSE(parse_agent_answer(line)) << line;
    }
}

TEST(GuestFiles, RequestsAreLinesThatFitTheVmsUart) {
    const GuestFile file{.path = "/bin/x", .mode = 0755, .content = "foo"};
    EXPECT_EQ(put_request(5, file), "put 5 755 3 L2Jpbi94\n");
    EXPECT_EQ(data_request(5, "foo"), "data 5 Zm9v\n");
    EXPECT_EQ(copy_request(5, {.bytes = "foo", .in_old = true, .old_offset = 9}), "copy 5 9 3\n");
    EXPECT_LT(data_request(4'000'000'000, std::string(longest_piece, 'x')).size(), 4096U);
}

} // namespace
} // namespace trv::tool::ta
