// SPDX-License-Identifier: Apache-2.0
#include "console/wire/multiplexer.hpp"
#include "tests/unit/hypervisor/console/fake_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace trv::console {
namespace {

using testing::IsEmpty;
using testing::MatchesRegex;

class Framed : public testing::Test {
  protected:
    void SetUp() override {
        mux_.start(port_, Mode::Framed);
        ASSERT_TRUE(mux_.attach(log_, nullptr));
        ASSERT_TRUE(mux_.attach(alpha_, &alpha_peer_));
        ASSERT_TRUE(mux_.attach(beta_, &beta_peer_));
        port_.sent.clear();
    }

    FakePort port_;
    Multiplexer mux_;
    GuestChannel log_{mux_, log_channel, "trivisor"};
    GuestChannel alpha_{mux_, console_channel(0), "alpha"};
    GuestChannel beta_{mux_, console_channel(1), "beta"};
    FakePeer alpha_peer_;
    FakePeer beta_peer_;
};

TEST_F(Framed, PassesBytesStraightOn) {
    EXPECT_EQ(put_text(alpha_, "login: "), 7U);
    EXPECT_EQ(port_.sent, "\x10\x22login: ");
    EXPECT_FALSE(mux_.output_pending());
}

TEST_F(Framed, EscapesTheEscape) {
    put_text(alpha_, "\x10");
    EXPECT_EQ(port_.sent, "\x10\x22\x10\x10");
}

TEST_F(Framed, SwitchesOnceALineAndNotInsideOne) {
    for (const char c : std::string_view("first line\n")) {
        put_text(alpha_, {&c, 1});
        put_text(beta_, {&c, 1});
    }
    EXPECT_EQ(port_.sent, "\x10\x22"
                          "first line\n"
                          "\x10\x24"
                          "first line\n");
}

TEST_F(Framed, SendsHalfLinesAtThePump) {
    put_text(alpha_, "half");
    put_text(beta_, "other half");
    EXPECT_TRUE(mux_.output_pending());
    EXPECT_THAT(port_.channels()[4], IsEmpty());
    mux_.pump();
    EXPECT_EQ(port_.channels()[4], "other half");
    EXPECT_FALSE(mux_.output_pending());
}

TEST_F(Framed, SendsLongHalfLinesWithoutThePump) {
    put_text(alpha_, "half");
    put_text(beta_, std::string(64, 'x'));
    EXPECT_EQ(port_.channels()[4], std::string(64, 'x'));
}

TEST_F(Framed, KeepsWhatAFullUartDoesNotTake) {
    port_.room = 5;
    EXPECT_EQ(put_text(alpha_, "abcdefgh\n"), 9U);
    EXPECT_EQ(port_.sent, "\x10\x22"
                          "abc");
    EXPECT_TRUE(port_.interrupt_wanted);
    port_.room = 100;
    mux_.pump();
    EXPECT_EQ(port_.channels()[2], "abcdefgh\n");
    EXPECT_FALSE(port_.interrupt_wanted);
}

// To ask a UART for room takes as long as to send a byte.
TEST_F(Framed, AsksAUartForRoomOnceAFifo) {
    put_text(alpha_, "x");
    port_.known_room = 16;
    port_.asked = 0;
    put_text(alpha_, std::string(160, 'x') + "\n");
    EXPECT_LE(port_.asked, 11U);
}

TEST_F(Framed, CutsNoEscapeSequenceInTheWrongPlace) {
    port_.room = 0;
    put_text(alpha_, "a\x10");
    put_text(beta_, "b\n");
    for (int i = 0; i < 20; ++i) {
        port_.room = 1;
        mux_.pump();
    }
    EXPECT_EQ(port_.channels()[2], "a\x10");
    EXPECT_EQ(port_.channels()[4], "b\n");
}

TEST_F(Framed, BlocksOnlyTheWriterWhoseRingIsFull) {
    port_.room = 0;
    const std::size_t taken = put_text(alpha_, std::string(10000, 'x'));
    EXPECT_LE(taken, Channel::ring_size + 1);
    EXPECT_EQ(alpha_.space(), 0U);
    EXPECT_EQ(put_text(beta_, "fine\n"), 5U);
}

TEST_F(Framed, TellsAWriterThatWaitsOfRoom) {
    port_.room = 0;
    put_text(alpha_, std::string(10000, 'x'));
    mux_.pump();
    EXPECT_EQ(alpha_peer_.resumed, 0U);
    port_.room = Channel::ring_size / 4;
    mux_.pump(4096);
    EXPECT_EQ(alpha_peer_.resumed, 0U) << "not before half of the ring is free";
    port_.room = Channel::ring_size;
    mux_.pump(4096);
    EXPECT_EQ(alpha_peer_.resumed, 1U);
    EXPECT_EQ(beta_peer_.resumed, 0U);
    mux_.pump(4096);
    EXPECT_EQ(alpha_peer_.resumed, 1U);
}

TEST_F(Framed, IsFairToAQuietChannelBesideAFlood) {
    port_.room = 0;
    put_text(alpha_, std::string(Channel::ring_size, 'x'));
    put_text(beta_, "one\n");
    port_.room = 2 * Wire::max_run;
    mux_.pump(4096);
    EXPECT_EQ(port_.channels()[4], "one\n");
}

TEST_F(Framed, BoundsThePumpsWork) {
    port_.room = 0;
    put_text(alpha_, std::string(1000, 'x'));
    port_.room = 10000;
    mux_.pump(100);
    EXPECT_LE(port_.channels()[2].size(), 102U);
    EXPECT_TRUE(mux_.output_pending());
}

TEST_F(Framed, WritesThroughTextsLongerThanARing) {
    const std::string text = std::string(10 * Channel::ring_size, 'x') + "\n";
    log_.write_through(text);
    EXPECT_EQ(port_.channels()[0], text);
}

TEST_F(Framed, AWriterOfWholeTextsDropsWhatFindsNoRoomAndTellsOfIt) {
    port_.room = 0;
    std::string kept;
    while (log_.space() >= 100) {
        log_.write(std::string(99, 'x') + "\n");
        kept += std::string(99, 'x') + "\n";
    }
    log_.write(std::string(199, 'y') + "\n");
    log_.write(std::string(149, 'z') + "\n");
    EXPECT_GT(log_.space(), Channel::ring_size % 100) << "nothing of a text that does not fit as a whole";
    port_.room = 100'000;
    mux_.pump(4096);
    EXPECT_EQ(port_.channels()[0], kept);
    log_.write("next\n");
    log_.write("and next\n");
    EXPECT_EQ(port_.channels()[0], kept + "console: 350 bytes dropped here: the UART is too slow\nnext\nand next\n");
}

TEST_F(Framed, TellsOfDroppedEventsAsAnEvent) {
    GuestChannel events(mux_, event_channel, "monitor");
    ASSERT_TRUE(mux_.attach(events, nullptr));
    port_.room = 0;
    events.write(std::string(Channel::ring_size - 1, ' ') + "\n");
    events.write("{}\n");
    port_.room = 100'000;
    mux_.pump(10'000);
    port_.sent = "\x10\x21";
    events.write("{\"event\":\"reply\"}\n");
    EXPECT_THAT(port_.channels()[1], MatchesRegex("\\{\"event\":\"dropped\",\"ns\":[0-9]+,\"bytes\":3\\}\n"
                                                  "\\{\"event\":\"reply\"\\}\n"));
    mux_.detach(events);
}

TEST_F(Framed, SendsALongReplyThoughGuestsHaveUsedUpWhatACpuSendsForOthers) {
    port_.room = 0;
    put_text(alpha_, std::string(Channel::ring_size, 'a'));
    put_text(beta_, std::string(Channel::ring_size, 'b'));
    port_.room = 100'000;
    log_.write(std::string(2000, 'x') + "\n");
    EXPECT_EQ(port_.channels()[0].size(), 2001U);
    EXPECT_LT(port_.channels()[2].size() + port_.channels()[4].size(), 6000U);
}

TEST_F(Framed, DetachSendsTheRest) {
    put_text(alpha_, "x");
    put_text(beta_, "rest");
    mux_.detach(beta_);
    EXPECT_EQ(port_.channels()[4], "rest");
    EXPECT_TRUE(beta_.put('x')) << "taken and lost";
    EXPECT_EQ(port_.channels()[4], "rest");
    mux_.detach(beta_);
    GuestChannel again(mux_, console_channel(1), "gamma");
    EXPECT_TRUE(mux_.attach(again, nullptr));
    EXPECT_EQ(mux_.attach(beta_, nullptr), fail(Error::Busy));
    mux_.detach(again);
}

TEST_F(Framed, DetachLosesWhatADeadUartDoesNotTakeAndSaysSo) {
    port_.room = 0;
    put_text(beta_, "rest");
    EXPECT_FALSE(mux_.try_detach(beta_)) << "there may be room later";
    port_.room = 2;
    EXPECT_FALSE(mux_.try_detach(beta_));
    mux_.detach(beta_);
    EXPECT_TRUE(mux_.try_detach(beta_)) << "it is gone";
    port_.room = 100;
    mux_.pump();
    EXPECT_LE(port_.channels()[4].size(), 1U);
}

TEST_F(Framed, DetachesOnceEverythingIsSent) {
    port_.room = 3;
    put_text(beta_, "rest");
    EXPECT_FALSE(mux_.try_detach(beta_));
    port_.room = 100;
    EXPECT_TRUE(mux_.try_detach(beta_));
    EXPECT_EQ(port_.channels()[4], "rest");
}

TEST_F(Framed, RefusesChannelsThatDoNotExist) {
    GuestChannel far(mux_, max_channels, "far");
    EXPECT_EQ(mux_.attach(far, nullptr), fail(Error::OutOfRange));
    mux_.detach(far);
}

TEST_F(Framed, DeliversInputToItsChannel) {
    port_.typed = "ignored\x10\x22"
                  "ls\x10\x10\x10\x24who\x10\x7e"
                  "none";
    mux_.poll_input();
    EXPECT_EQ(alpha_peer_.received, "ls\x10");
    EXPECT_EQ(alpha_peer_.calls, 1U);
    EXPECT_EQ(beta_peer_.received, "who");
}

TEST_F(Framed, KeepsTheChannelFromPollToPollAndBoundsEach) {
    port_.typed = "\x10\x22" + std::string(1000, 'x');
    mux_.poll_input();
    EXPECT_EQ(alpha_peer_.received.size(), Input::max_bytes - 2);
    while (!port_.typed.empty()) {
        mux_.poll_input();
    }
    EXPECT_EQ(alpha_peer_.received, std::string(1000, 'x'));
}

TEST_F(Framed, FlushSendsEverything) {
    put_text(alpha_, "a");
    put_text(beta_, "b");
    mux_.flush();
    EXPECT_FALSE(mux_.output_pending());
    EXPECT_EQ(port_.channels()[4], "b");
}

TEST_F(Framed, EmergencyOutputOvertakesAndSilencesOthers) {
    port_.room = 3;
    put_text(alpha_, "a\x10");
    port_.room = 1000;
    mux_.emergency_write(log_channel, "panic\n");
    mux_.emergency_write(event_channel, "{}\n");
    put_text(beta_, "late\n");
    log_.write("late\n");
    mux_.pump();
    EXPECT_EQ(port_.channels()[0], "panic\n");
    EXPECT_EQ(port_.channels()[1], "{}\n");
    EXPECT_THAT(port_.channels()[4], IsEmpty());
}

TEST(FramedStart, KeepsWhatWasWrittenBefore) {
    FakePort port;
    Multiplexer mux;
    GuestChannel alpha(mux, console_channel(0), "alpha");
    ASSERT_TRUE(mux.attach(alpha, nullptr));
    put_text(alpha, "early");
    mux.start(port, Mode::Framed);
    EXPECT_EQ(port.channels()[2], "early");
}

// Two VMs, each on its own CPU, a third that pumps: every line arrives complete and in order.
TEST(FramedParallel, LosesNothing) {
    FakePort port;
    Multiplexer mux;
    mux.start(port, Mode::Framed);
    GuestChannel alpha(mux, console_channel(0), "alpha");
    GuestChannel beta(mux, console_channel(1), "beta");
    ASSERT_TRUE(mux.attach(alpha, nullptr));
    ASSERT_TRUE(mux.attach(beta, nullptr));

    std::string expected;
    for (int i = 0; expected.size() < 8 * KiB; ++i) {
        expected += "line " + std::to_string(i) + (i % 7 == 0 ? "\x10\n" : "\n");
    }
    std::atomic<bool> done = false;
    const auto write = [&](Channel& channel) {
        for (const char c : expected) {
            while (!channel.put(static_cast<u8>(c))) {
                std::this_thread::yield();
            }
            channel.send();
        }
    };
    std::thread pumper([&] {
        while (!done) {
            mux.pump();
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
    });
    std::thread first(write, std::ref(alpha));
    std::thread second(write, std::ref(beta));
    first.join();
    second.join();
    done = true;
    pumper.join();
    mux.flush();
    auto channels = port.channels();
    EXPECT_EQ(channels[2], expected);
    EXPECT_EQ(channels[4], expected);
    mux.detach(alpha);
    mux.detach(beta);
}

} // namespace
} // namespace trv::console
