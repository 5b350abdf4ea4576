// SPDX-License-Identifier: Apache-2.0
#include "console/wire/multiplexer.hpp"
#include "tests/unit/hypervisor/console/fake_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::console {
namespace {

using testing::HasSubstr;

class Plain : public testing::Test {
  protected:
    void SetUp() override {
        mux_.start(port_, Mode::Plain);
        ASSERT_TRUE(mux_.attach(log_, nullptr));
        ASSERT_TRUE(mux_.attach(alpha_, &alpha_peer_));
        ASSERT_TRUE(mux_.attach(beta_, &beta_peer_));
    }

    FakePort port_;
    Multiplexer mux_;
    GuestChannel log_{mux_, log_channel, "trivisor"};
    GuestChannel alpha_{mux_, console_channel(0), "alpha"};
    GuestChannel beta_{mux_, console_channel(1), "beta"};
    FakePeer alpha_peer_;
    FakePeer beta_peer_;
};

TEST_F(Plain, TheFocusedConsoleIsBare) {
    put_text(alpha_, "login: ");
    EXPECT_EQ(port_.sent, "login: ");
}

TEST_F(Plain, OthersSpeakInWholeLinesUnderTheirName) {
    put_text(beta_, "boot");
    mux_.pump();
    EXPECT_EQ(port_.sent, "");
    EXPECT_FALSE(mux_.output_pending()) << "it waits for the line's end, not for time to pass";
    put_text(beta_, "ing\r\nnext");
    EXPECT_EQ(port_.sent, "beta| booting\r\n");
}

TEST_F(Plain, LinesInterruptAFocusedPromptOnALineOfTheirOwn) {
    put_text(alpha_, "$ ");
    log_.write("[    0.000001] hello\n");
    put_text(alpha_, "ls");
    EXPECT_EQ(port_.sent, "$ \r\ntrivisor| [    0.000001] hello\r\nls");
}

TEST_F(Plain, LinesOfTwoVmsDoNotMix) {
    mux_.focus(event_channel);
    for (const char c : std::string_view("some line\n")) {
        put_text(alpha_, {&c, 1});
        put_text(beta_, {&c, 1});
    }
    EXPECT_EQ(port_.sent, "alpha| some line\r\nbeta| some line\r\n");
}

TEST_F(Plain, FocusFlushesAHalfLine) {
    put_text(beta_, "login: ");
    EXPECT_EQ(port_.sent, "");
    port_.typed = "\x1d"
                  "2";
    mux_.poll_input();
    EXPECT_THAT(port_.sent, HasSubstr("login: "));
}

TEST_F(Plain, VeryLongLinesComeInPieces) {
    put_text(beta_, std::string(600, 'x'));
    EXPECT_THAT(port_.sent, HasSubstr("beta| " + std::string(512, 'x')));
}

TEST_F(Plain, TypingGoesToTheFocus) {
    port_.typed = "ls\r";
    mux_.poll_input();
    EXPECT_EQ(alpha_peer_.received, "ls\r");
    port_.typed = "\x1d"
                  "2who\x1d\x1d\x1d"
                  "1back";
    mux_.poll_input();
    EXPECT_EQ(beta_peer_.received, "who\x1d");
    EXPECT_EQ(alpha_peer_.received, "ls\rback");
}

TEST_F(Plain, NoVmHasTheNumberZero) {
    port_.typed = "\x1d"
                  "0ls";
    mux_.poll_input();
    EXPECT_EQ(alpha_peer_.received, "ls") << "the focus stays";
}

TEST(PlainInput, ReadsTheKeysAfterTheEscape) {
    PlainInput keys;
    const auto after_escape = [&](u8 byte) {
        EXPECT_EQ(keys.decode(escape_key).kind, PlainKey::Kind::Nothing);
        return keys.decode(byte);
    };
    EXPECT_EQ(after_escape('1').value, console_channel(0));
    EXPECT_EQ(after_escape('9').value, console_channel(8));
    EXPECT_EQ(after_escape('a').value, console_channel(9));
    EXPECT_EQ(after_escape('g').value, console_channel(15));
    EXPECT_EQ(after_escape('0').kind, PlainKey::Kind::NoVm);
    EXPECT_EQ(after_escape('m').value, event_channel);
    EXPECT_EQ(after_escape('m').kind, PlainKey::Kind::Focus);
    EXPECT_EQ(after_escape('h').kind, PlainKey::Kind::Help);
    EXPECT_EQ(after_escape('?').kind, PlainKey::Kind::Help);
    EXPECT_EQ(after_escape(escape_key).kind, PlainKey::Kind::Data);
    EXPECT_EQ(keys.decode('9').kind, PlainKey::Kind::Data);
}

} // namespace
} // namespace trv::console
