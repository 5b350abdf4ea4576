// SPDX-License-Identifier: Apache-2.0
#include "control_fixture.hpp"

#include <gmock/gmock.h>

namespace trv::tool::control {
namespace {

using testing::HasSubstr;

class ControlServerTest : public ControlFixture {};

TEST_F(ControlServerTest, WakesTheLoop) {
    const auto client = connect("command list\n");
    while (inputs_.empty()) { // without a deadline
        ASSERT_TRUE(loop_.step());
    }
    EXPECT_EQ(serve().size(), 1U);
    EXPECT_TRUE(serve().empty());
}

TEST_F(ControlServerTest, PassesCommandsOnAndRepliesBack) {
    const auto client = connect("command pause alpha\n");
    const auto inputs = serve();
    ASSERT_EQ(inputs.size(), 1U);
    EXPECT_EQ(inputs.front().vm, std::nullopt);
    EXPECT_EQ(inputs.front().text, "pause alpha\n");
    EXPECT_EQ(heard(client), "(nothing)");
    server_.on_reply(R"({"event":"reply"})");
    EXPECT_EQ(heard(client), "{\"event\":\"reply\"}\n");
    EXPECT_TRUE(serve().empty());
    EXPECT_EQ(heard(client), "") << "the connection ends with its answer";
}

TEST_F(ControlServerTest, GivesEachClientItsOwnReply) {
    const auto first = connect("command list\n");
    EXPECT_EQ(serve().size(), 1U);
    server_.on_own_command();
    const auto second = connect("command stats\n");
    EXPECT_EQ(serve().size(), 1U);
    server_.on_reply("1");
    server_.on_reply("for the run itself");
    server_.on_reply("2");
    server_.on_reply("for no client");
    EXPECT_EQ(heard(first), "1\n");
    EXPECT_EQ(heard(second), "2\n");
}

TEST_F(ControlServerTest, ForgetsAClientThatLeft) {
    auto first = connect("command list\n");
    const auto second = connect("command stats\n");
    EXPECT_EQ(serve().size(), 2U);
    first.reset();
    EXPECT_TRUE(serve().empty());
    server_.on_reply("1");
    server_.on_reply("2");
    EXPECT_EQ(heard(second), "2\n");
}

TEST_F(ControlServerTest, AttachesSeveralClientsToOneConsole) {
    const auto first = connect("console beta\nls\n");
    const auto second = connect("console beta\n");
    const auto other = connect("console alpha\n");
    const auto inputs = serve();
    ASSERT_EQ(inputs.size(), 1U);
    EXPECT_EQ(inputs.front().vm, 1U);
    EXPECT_EQ(inputs.front().text, "ls\n");
    server_.on_console(1, "~# ");
    EXPECT_EQ(heard(first), "{\"ok\":true}\n~# ");
    EXPECT_EQ(heard(second), "{\"ok\":true}\n~# ");
    EXPECT_EQ(heard(other), "{\"ok\":true}\n");
    say(second, "x");
    EXPECT_EQ(serve().front().text, "x");
}

TEST_F(ControlServerTest, RefusesWhatItDoesNotKnow) {
    const auto unknown_vm = connect("console gamma\n");
    const auto no_request = connect("hello\n");
    const auto no_vm = connect("tee gamma\n");
    EXPECT_TRUE(serve().empty());
    EXPECT_THAT(heard(unknown_vm), HasSubstr("no such VM in this machine"));
    EXPECT_THAT(heard(no_vm), HasSubstr("no such VM in this machine"));
    EXPECT_THAT(heard(no_request), HasSubstr("not a valid request"));
}

TEST_F(ControlServerTest, TellsEventsFromNowOn) {
    server_.on_event(R"({"event":"vm-running"})");
    const auto client = connect("events\n");
    EXPECT_TRUE(serve().empty());
    server_.on_event(R"({"event":"vm-stopped"})");
    server_.on_reply(R"({"event":"reply"})");
    EXPECT_EQ(heard(client), "{\"ok\":true}\n{\"event\":\"vm-stopped\"}\n");
}

TEST_F(ControlServerTest, TellsOpteesLinesExceptThoseAboutOtherVms) {
    server_.on_guest("alpha", 1);
    server_.on_guest("beta", 2);
    EXPECT_FALSE(server_.has_tee_client());
    const auto alpha = connect("tee alpha\n");
    const auto beta = connect("tee beta\n");
    EXPECT_TRUE(serve().empty());
    EXPECT_TRUE(server_.has_tee_client());
    const std::string reply = "{\"ok\":true}\n";
    EXPECT_EQ(heard(alpha), reply + "I/TA: earlier\n") << "the second client's catching up; its own came before";
    EXPECT_EQ(heard(beta), reply);
    server_.on_tee_line("I/TA: of any");
    server_.on_tee_line("E/TC:1 ? 0 of alpha");
    server_.on_guest("beta", 3);
    server_.on_tee_line("E/TC:3 ? 0 of beta, made anew");
    EXPECT_EQ(heard(alpha), "I/TA: of any\nE/TC:1 ? 0 of alpha\n");
    EXPECT_EQ(heard(beta), "I/TA: of any\nE/TC:3 ? 0 of beta, made anew\n");
}

TEST_F(ControlServerTest, DropsAClientThatDoesNotRead) {
    const auto client = connect("console alpha\n");
    EXPECT_TRUE(serve().empty());
    const std::string much(1024 * 1024, 'x');
    for (int count = 0; count < 8; ++count) {
        server_.on_console(0, much);
    }
    EXPECT_TRUE(serve().empty());
    std::array<char, 65536> bytes;
    std::size_t all = 0;
    ssize_t got = 0;
    while ((got = ::recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0) {
        all += static_cast<std::size_t>(got);
    }
    EXPECT_EQ(got, 0);
    EXPECT_LT(all, 8 * much.size());
}

TEST(ControlRequest, ReadsWhatItWrites) {
    const ControlRequest request{.kind = ControlRequest::Kind::Console, .text = "alpha"};
    EXPECT_EQ(to_line(request), "console alpha\n");
    EXPECT_EQ(parse_control_request("console alpha")->text, "alpha");
    EXPECT_EQ(parse_control_request("command pause alpha")->kind, ControlRequest::Kind::Command);
    EXPECT_EQ(parse_control_request("tee alpha")->text, "alpha");
    EXPECT_EQ(to_line({.kind = ControlRequest::Kind::Events}), "events\n");
    EXPECT_EQ(parse_control_request("events")->kind, ControlRequest::Kind::Events);
    for (const auto& line : {std::string{"command "}, std::string{""}, "command " + std::string(241, 'x')}) {
        EXPECT_FALSE(parse_control_request(line)) << line;
    }
}

} // namespace
} // namespace trv::tool::control
