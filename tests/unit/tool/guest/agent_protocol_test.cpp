#include "guests/linux/agent/protocol.hpp"

#include <gtest/gtest.h>

namespace trv::guest {
namespace {

std::string refusal(std::string_view line) {
    const Request request = parse_request(line);
    const auto* unknown = std::get_if<UnknownRequest>(&request);
    return unknown == nullptr ? "" : unknown->reason;
}

TEST(AgentProtocol, DecodesBase64) {
    EXPECT_EQ(decode_base64(""), "");
    EXPECT_EQ(decode_base64("Zg=="), "f");
    EXPECT_EQ(decode_base64("Zm8="), "fo");
    EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
    EXPECT_EQ(decode_base64("/+8A"), std::string("\xff\xef\0", 3));
}

TEST(AgentProtocol, RefusesWhatIsNotBase64) {
    for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9\n"}) {
        EXPECT_FALSE(decode_base64(text)) << text;
    }
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

TEST(AgentProtocol, AnswersAreLines) {
    EXPECT_EQ(hello_line(), "hello 1\n");
    EXPECT_EQ(exit_line(3, 137), "exit 3 137\n");
    EXPECT_EQ(error_line("no such request"), "error no such request\n");
}

} // namespace
} // namespace trv::guest
