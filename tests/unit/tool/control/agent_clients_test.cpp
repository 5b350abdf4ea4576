// SPDX-License-Identifier: Apache-2.0
#include "control_fixture.hpp"

namespace trv::tool::control {
namespace {

class AgentClientsTest : public ControlFixture {
  protected:
    /// As the fixture's, but the server has taken the client.
    FileDescriptor connect(const std::string& line) {
        FileDescriptor client = ControlFixture::connect(line);
        EXPECT_TRUE(serve().empty());
        return client;
    }
};

TEST_F(AgentClientsTest, PassesWholeLinesOn) {
    const auto client = connect("agent beta\n");
    EXPECT_EQ(heard(client), "{\"first_id\":1001000,\"ok\":true,\"ready\":false}\n");
    say(client, "sum 1001000 AA");
    EXPECT_TRUE(serve().empty());
    say(client, "AA\n");
    const auto inputs = serve();
    ASSERT_EQ(inputs.size(), 1U);
    EXPECT_EQ(inputs.front().vm, 1U);
    EXPECT_TRUE(inputs.front().for_agent);
    EXPECT_EQ(inputs.front().text, "sum 1001000 AAAA\n");
}

TEST_F(AgentClientsTest, GivesEachClientItsOwnAnswers) {
    const auto one = connect("agent alpha\n");
    const auto other = connect("agent alpha\n");
    EXPECT_NE(heard(one), heard(other));
    server_.on_agent(0, "ack 1001003 1");
    server_.on_agent(0, "exit 1 0"); // the run's own
    server_.on_agent(1, "ack 1001004 1");
    EXPECT_EQ(heard(one), "ack 1001003 1\n");
    EXPECT_EQ(heard(other), "(nothing)");
    server_.on_agent(0, "hello 1");
    EXPECT_EQ(heard(one), "hello 1\n");
    EXPECT_EQ(heard(other), "hello 1\n");
}

TEST_F(AgentClientsTest, KnowsWhetherTheAgentIsUp) {
    server_.on_agent(0, "hello 1");
    EXPECT_NE(heard(connect("agent alpha\n")).find("\"ready\":true"), std::string::npos);
    EXPECT_NE(heard(connect("agent beta\n")).find("\"ready\":false"), std::string::npos);
    server_.on_stopped("alpha");
    EXPECT_NE(heard(connect("agent alpha\n")).find("\"ready\":false"), std::string::npos);
}

} // namespace
} // namespace trv::tool::control
