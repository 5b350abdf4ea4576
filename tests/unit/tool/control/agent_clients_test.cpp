// SPDX-License-Identifier: Apache-2.0
#include "tool/control/control_server.hpp"
#include "tool/control/unix_socket.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <utility>
#include <vector>

namespace trv::tool::control {
namespace {

class AgentClientsTest : public testing::Test, private ControlOwner {
  protected:
    void take(ControlInput input) override { inputs_.push_back(std::move(input)); }
    void catch_up_with_tee() override { server_.on_tee_line("I/TA: earlier"); }

    FileDescriptor connect(const std::string& line) {
        FileDescriptor client = *connect_in(folder_.path());
        say(client, line);
        EXPECT_TRUE(serve().empty());
        return client;
    }

    static void say(const FileDescriptor& client, const std::string& text) {
        ASSERT_EQ(::send(client.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    }

    static std::string heard(const FileDescriptor& client) {
        std::array<char, 4096> bytes;
        const ssize_t got = ::recv(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return got < 0 ? "(nothing)" : std::string{bytes.data(), static_cast<std::size_t>(got)};
    }

    /// Lets the server do what it has to do; returns the new input for the machine.
    std::vector<ControlInput> serve() {
        Deadline now;
        const auto end = loop_.on_deadline(now, [] {});
        for (int step = 0; step < 4; ++step) { // accept, hear, answer, and once more
            now.set(0);
            EXPECT_TRUE(loop_.step());
        }
        return std::exchange(inputs_, {});
    }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path(), "control");
    EventLoop loop_;
    std::vector<ControlInput> inputs_;
    ControlServer server_{loop_, *listen_in(folder_.path()), {"alpha", "beta"}, *this};
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
