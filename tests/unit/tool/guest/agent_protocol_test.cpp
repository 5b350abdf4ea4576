// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/protocol.hpp"

#include <gtest/gtest.h>

namespace trv::guest {
namespace {

std::string refusal(std::string_view line) {
    const Request request = parse_request(line);
    const auto* unknown = std::get_if<UnknownRequest>(&request);
    return unknown == nullptr ? "" : unknown->reason;
}

TEST(AgentProtocol, ExecHasANumberAndAScript) {
    const Request request = parse_request("exec 12 ZWNobyBoaQ==\r");
    const auto* exec = std::get_if<ExecRequest>(&request);
    ASSERT_NE(exec, nullptr);
    EXPECT_EQ(exec->id, 12U);
    EXPECT_EQ(exec->script, "echo hi");
}

TEST(AgentProtocol, PowerOffStandsAlone) {
    EXPECT_TRUE(std::holds_alternative<PowerOffRequest>(parse_request("poweroff")));
}

TEST(AgentProtocol, SaysWhyARequestIsNotUnderstood) {
    EXPECT_EQ(refusal(""), "no such request");
    EXPECT_EQ(refusal("poweroff now"), "no such request");
    EXPECT_EQ(refusal("exec 1"), "exec needs a number and a command");
    EXPECT_EQ(refusal("exec x ZWNobyBoaQ=="), "exec's number is not a decimal number");
    EXPECT_EQ(refusal("exec -1 ZWNobyBoaQ=="), "exec's number is not a decimal number");
    EXPECT_EQ(refusal("exec 99999999999999999999 ZWNobyBoaQ=="), "exec's number is not a decimal number");
    EXPECT_EQ(refusal("exec 1 ?"), "exec's command is not base64");
}

TEST(AgentProtocol, PutHasModeSizeAndPath) {
    const Request request = parse_request("put 5 755 120 L2Jpbi94");
    const auto* put = std::get_if<PutRequest>(&request);
    ASSERT_NE(put, nullptr);
    EXPECT_EQ(put->id, 5U);
    EXPECT_EQ(put->mode, 0755U);
    EXPECT_EQ(put->size, 120U);
    EXPECT_EQ(put->path, "/bin/x");
}

TEST(AgentProtocol, ReadsTheOtherRequests) {
    EXPECT_EQ(std::get<DataRequest>(parse_request("data 5 Zm9v")).bytes, "foo");
    EXPECT_EQ(std::get<SumRequest>(parse_request("sum 5 L2Jpbi94")).path, "/bin/x");
    EXPECT_EQ(std::get<CaptureRequest>(parse_request("capture 5 Zm9v")).script, "foo");
    EXPECT_EQ(std::get<KillRequest>(parse_request("kill 5")).id, 5U);
    const auto copy = std::get<CopyRequest>(parse_request("copy 5 10 20"));
    EXPECT_EQ(copy.offset, 10U);
    EXPECT_EQ(copy.size, 20U);
}

TEST(AgentProtocol, ARefusalNamesItsRequest) {
    for (const char* line : {"put 5 9 1 L2Jpbi94", "put 5 755 -1 L2Jpbi94", "put 5 755 1", "put 5 17777 1 L2Jpbi94",
                             "put 5 755 1 L2Jpbi94 x", "data 5", "data 5 ?", "data 5 Zm9v Zm9v", "sum 5 L",
                             "capture 5 !", "copy 5 1", "copy 5 1 2 3", "kill 5 now"}) {
        const Request request = parse_request(line);
        const auto* unknown = std::get_if<UnknownRequest>(&request);
        ASSERT_TRUE(unknown != nullptr || std::string_view(line) == "data 5") << line;
        if (unknown != nullptr) {
            EXPECT_EQ(unknown->id, 5U) << line;
        }
    }
    EXPECT_EQ(refusal("data x Zm9v"), "data's number is not a decimal number");
}

TEST(AgentProtocol, AnswersAreLines) {
    EXPECT_EQ(hello_line(), "hello 1\n");
    EXPECT_EQ(exit_line(3, 137), "exit 3 137\n");
    EXPECT_EQ(error_line("no such request"), "error no such request\n");
    EXPECT_EQ(ack_line(3, 1536), "ack 3 1536\n");
    EXPECT_EQ(sum_line(3, "00ff"), "sum 3 00ff\n");
    EXPECT_EQ(output_line(3, "foo"), "output 3 Zm9v\n");
    EXPECT_EQ(failed_line(3, "no room"), "failed 3 no room\n");
}

} // namespace
} // namespace trv::guest
