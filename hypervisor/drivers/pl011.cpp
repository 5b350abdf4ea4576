// SPDX-License-Identifier: Apache-2.0
// The Arm PL011. [PL011 TRM DDI0183]

#include "arch/cpu/wait.hpp"
#include "arch/memory/device_write.hpp"
#include "drivers/uart.hpp"

#include <atomic>
#include <new>

namespace trv::drivers {

Uart* make_pl011(Va registers);

namespace {

// Registers [PL011 TRM 3.2]
constexpr u64 uartdr = 0x000;
constexpr u64 uartfr = 0x018;
constexpr u64 uartlcr_h = 0x02c;
constexpr u64 uartcr = 0x030;
constexpr u64 uartifls = 0x034;
constexpr u64 uartimsc = 0x038;

constexpr u32 flag_busy = 1 << 3;
constexpr u32 flag_receive_empty = 1 << 4;
constexpr u32 flag_transmit_full = 1 << 5;
constexpr u32 flag_transmit_empty = 1 << 7;

/// The smallest FIFO that a PL011 has: 16 bytes before r1p5, 32 since.
constexpr std::size_t fifo_depth = 16;

constexpr u32 line_8_bits_fifos = 3 << 5 | 1 << 4;
constexpr u32 control_enable = 1 << 0 | 1 << 8 | 1 << 9; // UARTEN, TXE, RXE

constexpr u32 interrupt_receive = 1 << 4 | 1 << 6; // RXIM, RTIM
constexpr u32 interrupt_transmit = 1 << 5;         // TXIM

constexpr u32 levels_half = 2 << 3 | 0; // receive at one half, transmit at one eighth

class Pl011 final : public Uart {
  public:
    constexpr explicit Pl011(Va registers) : registers_(registers) {}

    void start() override;
    void enable_receive_interrupt() override;

    [[nodiscard]] std::size_t send_room() override;
    void send(u8 byte) override { write(uartdr, byte); }
    [[nodiscard]] std::size_t receive(std::span<u8> into) override;
    void want_send_interrupt(bool wanted) override;

  private:
    [[nodiscard]] u32 read(u64 offset) const { return arch::read32(registers_ + offset); }
    void write(u64 offset, u32 value) const { arch::write32(registers_ + offset, value); }
    void update_mask();

    Va registers_;
    std::atomic<u32> transmit_mask_ = 0;
    std::atomic<u32> receive_mask_ = 0;
};

void Pl011::start() {
    // Firmware's last output may still be in transmission: the UART must be idle before it is configured [PL011 TRM,
    // 3.3.8]. Bounded, because a UART without a clock is busy forever; a FIFO takes 3 ms at 115200 baud.
    constexpr unsigned patience = 1'000'000;
    for (unsigned i = 0; i < patience && (read(uartfr) & flag_busy) != 0; ++i) {
        arch::relax();
    }
    write(uartimsc, 0);
    write(uartcr, 0);
    write(uartlcr_h, line_8_bits_fifos);
    write(uartifls, levels_half);
    write(uartcr, control_enable);
    transmit_mask_ = 0;
    receive_mask_ = 0;
}

// The mask register is written whole, from two sides that may run in parallel: each side has its own bits here, and the
// write is repeated until it holds what both want. Each write is waited for: were it still on its way, it could arrive
// behind the other side's, which is newer.
void Pl011::update_mask() {
    u32 wanted;
    do {
        wanted = transmit_mask_.load() | receive_mask_.load();
        arch::write32_and_wait(registers_ + uartimsc, wanted, registers_ + uartimsc);
    } while (wanted != (transmit_mask_.load() | receive_mask_.load()));
}

void Pl011::enable_receive_interrupt() {
    receive_mask_ = interrupt_receive;
    update_mask();
}

void Pl011::want_send_interrupt(bool wanted) {
    transmit_mask_ = wanted ? interrupt_transmit : 0;
    update_mask();
}

// The flags take as long to read as a byte to write, so they are read once a FIFO where it is empty.
std::size_t Pl011::send_room() {
    const u32 flags = read(uartfr);
    if ((flags & flag_transmit_empty) != 0) {
        return fifo_depth;
    }
    return (flags & flag_transmit_full) == 0 ? 1 : 0;
}

// Receive interrupts need no clearing: both fall when the FIFO is drained.
std::size_t Pl011::receive(std::span<u8> into) {
    std::size_t count = 0;
    while (count < into.size() && (read(uartfr) & flag_receive_empty) == 0) {
        into[count++] = static_cast<u8>(read(uartdr));
    }
    return count;
}

} // namespace

Uart* make_pl011(Va registers) {
    return new (std::nothrow) Pl011(registers);
}

} // namespace trv::drivers
