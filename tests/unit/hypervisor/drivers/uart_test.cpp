// SPDX-License-Identifier: Apache-2.0
#include "drivers/uart.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace trv::drivers {

Uart* make_cadence(Va registers); // not in each image

namespace {

TEST(UartDrivers, KnowEachCompatibleOnce) {
    for (const std::string_view compatible : uart_compatibles()) {
        EXPECT_FALSE(compatible.empty());
        EXPECT_EQ(std::ranges::count(uart_compatibles(), compatible), 1);
    }
}

/// Registers as memory, without a device behind them. [PL011 TRM 3.2]
TEST(UartDrivers, ThePl011IsConfiguredAndSendsAndReceives) {
    alignas(8) std::array<u32, 0x1000 / 4> registers{};
    constexpr std::size_t data = 0, flags = 0x18 / 4, line = 0x2c / 4, control = 0x30 / 4, mask = 0x38 / 4;
    const Unique<Uart> made = std::move(*make_uart("arm,pl011", Va(reinterpret_cast<u64>(registers.data()))));
    Uart& uart = *made;
    registers[mask] = 0x7ff;
    uart.start();
    EXPECT_EQ(registers[mask], 0U);
    EXPECT_EQ(registers[line], 0x70U) << "eight bits, FIFOs on";
    EXPECT_EQ(registers[control], 0x301U);

    uart.enable_receive_interrupt();
    uart.want_send_interrupt(true);
    EXPECT_EQ(registers[mask], 0x70U);
    uart.want_send_interrupt(false);
    EXPECT_EQ(registers[mask], 0x50U);

    registers[flags] = 1 << 7;
    EXPECT_EQ(uart.send_room(), 16U) << "an empty FIFO";
    registers[flags] = 0;
    EXPECT_EQ(uart.send_room(), 1U);
    registers[flags] = 1 << 5 | 1 << 4;
    EXPECT_EQ(uart.send_room(), 0U);
    uart.send('x');
    EXPECT_EQ(registers[data], u32{'x'});
    std::array<u8, 4> input{};
    EXPECT_EQ(uart.receive(input), 0U);
    registers[flags] = 0;
    EXPECT_EQ(uart.receive(input), input.size());
    EXPECT_EQ(input[3], 'x');
}

/// The same. [UG1087, UART]
TEST(UartDrivers, TheCadenceIsConfiguredAndSendsAndReceives) {
    alignas(8) std::array<u32, 0x1000 / 4> registers{};
    constexpr std::size_t control = 0, mode = 1, enable = 2, disable = 3, latch = 5, trigger = 8, status = 0x2c / 4,
                          fifo = 0x30 / 4;
    constexpr u32 receive_empty = 1 << 1, transmit_empty = 1 << 3, transmit_full = 1 << 4;
    const Unique<Uart> made(make_cadence(Va(reinterpret_cast<u64>(registers.data()))));
    Uart& uart = *made;
    registers[status] = transmit_empty;
    registers[mode] = 0x3ff;
    uart.start();
    EXPECT_EQ(registers[disable], 0x3fffU);
    EXPECT_EQ(registers[mode], 0x21U) << "eight bits, no parity, one stop bit; firmware's clock";
    EXPECT_EQ(registers[trigger], 1U);
    EXPECT_EQ(registers[control], 0x14U);

    uart.enable_receive_interrupt();
    EXPECT_EQ(registers[enable], 1U);
    uart.want_send_interrupt(true);
    EXPECT_EQ(registers[enable], transmit_empty);
    registers[disable] = 0;
    uart.want_send_interrupt(false);
    EXPECT_EQ(registers[disable], transmit_empty);

    registers[latch] = 0;
    EXPECT_EQ(uart.send_room(), 16U) << "an empty FIFO, of the least depth";
    EXPECT_EQ(registers[latch], transmit_empty) << "its interrupt ends";
    registers[status] = 0;
    EXPECT_EQ(uart.send_room(), 1U);
    registers[status] = transmit_full | receive_empty;
    EXPECT_EQ(uart.send_room(), 0U);
    uart.send('x');
    EXPECT_EQ(registers[fifo], u32{'x'});
    std::array<u8, 4> input{};
    registers[latch] = 0;
    EXPECT_EQ(uart.receive(input), 0U);
    EXPECT_EQ(registers[latch], 1U) << "its interrupt ends";
    registers[status] = 0;
    EXPECT_EQ(uart.receive(input), input.size());
    EXPECT_EQ(input[3], 'x');
}

} // namespace
} // namespace trv::drivers
