// SPDX-License-Identifier: Apache-2.0
#include "vdev/uart/vpl011.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace trv::vdev {
namespace {

constexpr u64 DR = 0x00;
constexpr u64 RSR = 0x04;
constexpr u64 FR = 0x18;
constexpr u64 LCR_H = 0x2c;
constexpr u64 CR = 0x30;
constexpr u64 IFLS = 0x34;
constexpr u64 IMSC = 0x38;
constexpr u64 RIS = 0x3c;
constexpr u64 MIS = 0x40;
constexpr u64 ICR = 0x44;
constexpr u64 DMACR = 0x48;

constexpr u64 BUSY = 1 << 3;
constexpr u64 RXFE = 1 << 4;
constexpr u64 TXFF = 1 << 5;
constexpr u64 RXFF = 1 << 6;
constexpr u64 TXFE = 1 << 7;
constexpr u64 RX = 1 << 4;
constexpr u64 TX = 1 << 5;
constexpr u64 RT = 1 << 6;
constexpr u64 OE = 1 << 10;
constexpr u64 FEN = 1 << 4;

class Sink final : public console::ByteSink {
  public:
    [[nodiscard]] std::size_t space() const override { return room - text.size(); }
    [[nodiscard]] bool put(u8 byte) override {
        if (space() == 0) {
            return false;
        }
        text.push_back(static_cast<char>(byte));
        return true;
    }
    void send() override {
        ++sends;
        if (on_send) {
            on_send();
        }
    }
    unsigned sends = 0;
    std::function<void()> on_send;
    std::size_t room = 1 << 20;
    std::string text;
};

class Line final : public InterruptLine {
  public:
    void set(bool asserted) override {
        EXPECT_NE(asserted, level) << "only changes travel";
        level = asserted;
    }
    [[nodiscard]] IntId intid() const override { return IntId(33); }
    bool level = false;
};

class VPl011Test : public testing::Test {
  protected:
    u64 read(u64 offset, u8 size = 4) { return uart_.read({offset, size, 0}).value; }
    void write(u64 offset, u64 value, u8 size = 4) { uart_.write({offset, size, 0}, value); }
    void receive(std::string_view text) { uart_.receive({reinterpret_cast<const u8*>(text.data()), text.size()}); }
    std::string drain() {
        std::string text;
        while ((read(FR) & RXFE) == 0) {
            text.push_back(static_cast<char>(read(DR)));
        }
        return text;
    }

    Sink sink_;
    Line line_;
    VPl011 uart_{sink_, line_};
};

TEST_F(VPl011Test, IdentifiesItselfAsR1p5) {
    u32 id = 0;
    u32 cell = 0;
    for (unsigned i = 0; i < 4; ++i) {
        id |= static_cast<u32>(read(0xfe0 + 4 * i)) << (8 * i);
        cell |= static_cast<u32>(read(0xff0 + 4 * i)) << (8 * i);
    }
    EXPECT_EQ(id, 0x00341011U);
    EXPECT_EQ(cell, 0xb105f00dU);
}

TEST_F(VPl011Test, StartsAsAfterPowerOn) {
    EXPECT_EQ(read(CR), 0x300U);
    EXPECT_EQ(read(IFLS), 0x12U);
    EXPECT_EQ(read(IMSC), 0U);
    EXPECT_EQ(read(RIS), 0U);
    EXPECT_EQ(read(DMACR), 0U);
    EXPECT_EQ(read(FR) & (RXFE | TXFE | TXFF | RXFF | BUSY), RXFE | TXFE);
}

TEST_F(VPl011Test, SendsWithEveryAccessWidth) {
    write(DR, 0xffffff00 | 'a', 4);
    write(DR, 0xff00 | 'b', 2);
    write(DR, 'c', 1);
    EXPECT_EQ(sink_.text, "abc");
}

// The UART behind the sink is as slow as it likes: it holds up the vCPU that wrote, and no other one.
TEST_F(VPl011Test, AnswersOtherVcpusWhileTheSinkSends) {
    u64 flags = 0;
    sink_.on_send = [&] { flags = read(FR); };
    write(DR, 'a');
    EXPECT_EQ(flags & TXFE, TXFE);
    EXPECT_EQ(sink_.sends, 1U);
    write(IMSC, TX);
    EXPECT_EQ(sink_.sends, 1U) << "nothing new to send";
}

TEST_F(VPl011Test, AnswersOtherWidthsAndPlacesAsReserved) {
    receive("x");
    EXPECT_EQ(read(DR, 8), 0U);
    EXPECT_EQ(read(DR + 1, 1), 0U);
    EXPECT_EQ(read(DR + 2, 2), 0U);
    EXPECT_EQ(read(0x80), 0U);
    EXPECT_EQ(read(0x1000), 0U);
    write(DR, 'a', 8);
    write(DR + 2, 'a', 2);
    write(0x80, 1);
    EXPECT_EQ(sink_.text, "");
    EXPECT_EQ(read(FR, 1), 0xc7U) << "nothing was taken from the FIFO";
    EXPECT_EQ(read(DR, 1), 'x');
}

TEST_F(VPl011Test, KeepsOnlyTheBitsThatExist) {
    for (const u64 offset : {0x20U, 0x24U, 0x28U, 0x2cU, 0x30U, 0x34U, 0x38U, 0x48U}) {
        write(offset, 0xffff'ffff);
    }
    EXPECT_EQ(read(0x20), 0xffU);
    EXPECT_EQ(read(0x24), 0xffffU);
    EXPECT_EQ(read(0x28), 0x3fU);
    EXPECT_EQ(read(LCR_H), 0xffU);
    EXPECT_EQ(read(CR), 0xff87U);
    EXPECT_EQ(read(IFLS), 0x3fU);
    EXPECT_EQ(read(IMSC), 0x7ffU);
    EXPECT_EQ(read(DMACR), 7U);
}

TEST_F(VPl011Test, RaisesTheTransmitInterruptOnlyAfterSending) {
    write(LCR_H, FEN);
    write(IMSC, TX);
    EXPECT_FALSE(line_.level) << "enabling it raises nothing";
    write(DR, 'a');
    EXPECT_TRUE(line_.level);
    EXPECT_EQ(read(MIS), TX);
    write(ICR, TX);
    EXPECT_FALSE(line_.level);
    write(DR, 'b');
    EXPECT_TRUE(line_.level);
    write(IMSC, 0);
    EXPECT_FALSE(line_.level);
    EXPECT_EQ(read(RIS), TX);
    EXPECT_EQ(read(MIS), 0U);
}

TEST_F(VPl011Test, ShowsAFullSinkAndLosesNothingOfAGuestThatLooks) {
    write(LCR_H, FEN);
    write(IMSC, TX);
    sink_.room = 40;
    std::string sent;
    while ((read(FR) & TXFF) == 0) {
        write(DR, 'a' + sent.size() % 26);
        sent.push_back(static_cast<char>('a' + sent.size() % 26));
    }
    EXPECT_EQ(sent.size(), 40U);
    EXPECT_EQ(read(FR) & (TXFE | BUSY), BUSY);
    EXPECT_FALSE(line_.level) << "the FIFO is above its trigger level";
    EXPECT_EQ(sink_.text, sent);
    sink_.room = 1000;
    uart_.resume_tx();
    EXPECT_TRUE(line_.level);
    EXPECT_EQ(read(FR) & (TXFE | TXFF), TXFE);
}

TEST_F(VPl011Test, HasRoomForHalfAFifoWheneverTheTransmitInterruptIsUp) {
    write(LCR_H, FEN);
    write(IMSC, TX);
    for (sink_.room = 1; sink_.room < 100; ++sink_.room) {
        sink_.text.clear();
        write(DR, 'a');
        if (line_.level) {
            EXPECT_GE(sink_.space(), VPl011::fifo_depth / 2);
        }
    }
}

TEST_F(VPl011Test, ReceivesInOrder) {
    write(LCR_H, FEN);
    receive("hello");
    EXPECT_EQ(read(FR) & (RXFE | RXFF), 0U);
    EXPECT_EQ(drain(), "hello");
    EXPECT_EQ(read(DR), 0U);
}

TEST_F(VPl011Test, TellsOfOneByteByTimeout) {
    write(LCR_H, FEN);
    write(IMSC, RX | RT);
    receive("x");
    EXPECT_EQ(read(MIS), RT);
    EXPECT_TRUE(line_.level);
    EXPECT_EQ(read(DR), 'x');
    EXPECT_FALSE(line_.level);
}

TEST_F(VPl011Test, TellsOfAFilledFifoByLevel) {
    write(LCR_H, FEN);
    write(IMSC, RX);
    receive(std::string(15, 'x'));
    EXPECT_FALSE(line_.level);
    receive("x");
    EXPECT_TRUE(line_.level);
    (void)read(DR);
    EXPECT_FALSE(line_.level);
}

TEST_F(VPl011Test, WorksWithoutFifos) {
    write(IMSC, RX | RT);
    receive("ab");
    EXPECT_EQ(read(FR) & RXFF, RXFF);
    EXPECT_EQ(read(MIS), RX);
    EXPECT_EQ(read(DR), 'a');
    EXPECT_TRUE(line_.level);
    EXPECT_EQ(read(DR), 'b');
    EXPECT_FALSE(line_.level);
}

// Linux clears receive interrupts and empties two FIFOs when it opens the port [amba-pl011.c, pl011_enable_interrupts].
TEST_F(VPl011Test, DoesNotForgetTypedAheadTextWhenADriverClearsInterrupts) {
    write(LCR_H, FEN);
    receive(std::string(100, 'x'));
    write(ICR, RX | RT);
    for (int i = 0; i < 64; ++i) {
        (void)read(DR);
    }
    write(IMSC, RX | RT);
    EXPECT_TRUE(line_.level);
    EXPECT_EQ(drain().size(), 36U);
}

TEST_F(VPl011Test, KeepsALongPasteAndMarksWhatIsLost) {
    write(LCR_H, FEN);
    std::string paste;
    for (std::size_t i = 0; i < VPl011::input_size; ++i) {
        paste.push_back(static_cast<char>('a' + i % 26));
    }
    receive(paste);
    EXPECT_EQ(read(RIS) & OE, 0U);
    receive("lost");
    EXPECT_EQ(read(RIS) & OE, OE);
    EXPECT_EQ(read(FR) & RXFF, RXFF);
    EXPECT_EQ(read(DR), 0x800U | 'a');
    EXPECT_EQ(read(RSR), 8U);
    EXPECT_EQ(drain(), paste.substr(1));
    write(RSR, 0);
    EXPECT_EQ(read(RSR), 0U);
    write(ICR, OE);
    EXPECT_EQ(read(RIS) & OE, 0U);
}

TEST_F(VPl011Test, ForgetsEverythingAtReset) {
    write(LCR_H, FEN);
    write(IMSC, RT);
    receive("old");
    EXPECT_TRUE(line_.level);
    uart_.reset();
    EXPECT_FALSE(line_.level);
    EXPECT_EQ(read(FR) & RXFE, RXFE);
    EXPECT_EQ(read(LCR_H), 0U);
    receive("new");
    EXPECT_EQ(drain(), "new");
}

} // namespace
} // namespace trv::vdev
