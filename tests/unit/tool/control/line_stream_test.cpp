// SPDX-License-Identifier: Apache-2.0
#include "tool/control/line_stream.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace trv::tool::control {
namespace {

class LineStreamTest : public testing::Test {
  protected:
    LineStreamTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        stream_ = LineStream{FileDescriptor{ends[0]}, "VM alpha"};
        machine_.reset(ends[1]);
    }

    void say(const std::string& text) const {
        EXPECT_EQ(::send(machine_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    }

    LineStream stream_{FileDescriptor{}, ""};
    FileDescriptor machine_;
};

TEST_F(LineStreamTest, ReturnsWholeLinesOnly) {
    ASSERT_TRUE(stream_.receive()) << "nothing has come, which is no error";
    EXPECT_EQ(stream_.next(), std::nullopt);
    say("one\ntw");
    ASSERT_TRUE(stream_.receive());
    EXPECT_EQ(stream_.next(), "one");
    EXPECT_EQ(stream_.next(), std::nullopt);
    say("o\n");
    ASSERT_TRUE(stream_.receive());
    EXPECT_EQ(stream_.next(), "two");
}

TEST_F(LineStreamTest, ReceivesAllThatHasCome) {
    std::string text;
    for (int count = 0; count < 1000; ++count) {
        text += "0123456789\n";
    }
    say(text);
    ASSERT_TRUE(stream_.receive());
    int lines = 0;
    while (stream_.next()) {
        ++lines;
    }
    EXPECT_EQ(lines, 1000);
}

TEST_F(LineStreamTest, TheMachinesEndIsAnErrorWithItsPlace) {
    machine_.reset();
    const auto received = stream_.receive();
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().place, "VM alpha");
    EXPECT_FALSE(stream_.send("x"));
}

} // namespace
} // namespace trv::tool::control
