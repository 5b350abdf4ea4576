// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/control/control_server.hpp"
#include "tool/control/unix_socket.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <utility>
#include <vector>

namespace trv::tool::control {

/// A control server of a machine with the VMs alpha and beta, and what its clients say and hear.
class ControlFixture : public testing::Test, private ControlOwner {
  protected:
    void take(ControlInput input) override { inputs_.push_back(std::move(input)); }
    void catch_up_with_tee() override { server_.on_tee_line("I/TA: earlier"); }

    FileDescriptor connect(const std::string& line) {
        FileDescriptor client = *connect_in(folder_.path());
        say(client, line);
        return client;
    }

    static void say(const FileDescriptor& client, const std::string& text) {
        ASSERT_EQ(::send(client.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    }

    /// What has arrived at the client by now.
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

} // namespace trv::tool::control
