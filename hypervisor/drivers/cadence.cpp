// SPDX-License-Identifier: Apache-2.0
// The Cadence UART of AMD's Zynq. [UG1085, chapter 21; UG1087, UART]

#include "arch/cpu/wait.hpp"
#include "arch/memory/device_write.hpp"
#include "drivers/uart.hpp"

#include <new>

namespace trv::drivers {

Uart* make_cadence(Va registers);

namespace {

constexpr u64 control = 0x00;
constexpr u64 mode = 0x04;
constexpr u64 interrupt_enable = 0x08;
constexpr u64 interrupt_disable = 0x0c;
constexpr u64 interrupt_mask = 0x10; ///< read-only: those that are enabled
constexpr u64 interrupt_status = 0x14;
constexpr u64 receive_trigger = 0x20;
constexpr u64 channel_status = 0x2c;
constexpr u64 fifo = 0x30;

constexpr u32 control_reset_both = 1 << 0 | 1 << 1;
constexpr u32 control_enable_both = 1 << 2 | 1 << 4; // RXEN, TXEN

constexpr u32 mode_clock_divided = 1 << 0; // which firmware knows
constexpr u32 mode_8_bits_no_parity = 4 << 3;

// Interrupts, of which the status of the channel has the first five at the same places. They are latched.
constexpr u32 receive_triggered = 1 << 0;
constexpr u32 receive_empty = 1 << 1;
constexpr u32 transmit_empty = 1 << 3;
constexpr u32 transmit_full = 1 << 4;
constexpr u32 all_interrupts = 0x3fff;
constexpr u32 status_active = 1 << 11; // the transmitter

constexpr std::size_t fifo_depth = 16; ///< of QEMU's model; the chip has 64, and no register says so

class Cadence final : public Uart {
  public:
    constexpr explicit Cadence(Va registers) : registers_(registers) {}

    void start() override;
    void enable_receive_interrupt() override { enable(receive_triggered); }

    [[nodiscard]] std::size_t send_room() override;
    void send(u8 byte) override { write(fifo, byte); }
    [[nodiscard]] std::size_t receive(std::span<u8> into) override;
    void want_send_interrupt(bool wanted) override { wanted ? enable(transmit_empty) : disable(transmit_empty); }

  private:
    [[nodiscard]] u32 read(u64 offset) const { return arch::read32(registers_ + offset); }
    void write(u64 offset, u32 value) const { arch::write32(registers_ + offset, value); }
    /// Enabling and disabling have registers of their own, so that the two sides do not disturb each other. Both are waited
    /// for: a write that is still on its way could arrive behind a newer one of another CPU.
    void enable(u32 mask) const {
        arch::write32_and_wait(registers_ + interrupt_enable, mask, registers_ + interrupt_mask);
    }
    void disable(u32 mask) const {
        arch::write32_and_wait(registers_ + interrupt_disable, mask, registers_ + interrupt_mask);
    }

    Va registers_;
};

void Cadence::start() {
    // Bounded, as a UART without a clock is busy forever.
    constexpr unsigned patience = 1'000'000;
    const auto is_busy = [this] {
        const u32 status = read(channel_status);
        return (status & transmit_empty) == 0 || (status & status_active) != 0;
    };
    for (unsigned i = 0; i < patience && is_busy(); ++i) {
        arch::relax();
    }
    write(interrupt_disable, all_interrupts);
    write(control, control_reset_both);
    write(mode, (read(mode) & mode_clock_divided) | mode_8_bits_no_parity);
    write(receive_trigger, 1); // each byte: there is no need for the timeout then
    write(interrupt_status, all_interrupts);
    write(control, control_enable_both);
}

// The latch of the interrupt is cleared where the FIFO is seen empty: it rises again once what is sent now is gone.
std::size_t Cadence::send_room() {
    const u32 status = read(channel_status);
    if ((status & transmit_empty) != 0) {
        write(interrupt_status, transmit_empty);
        return fifo_depth;
    }
    return (status & transmit_full) == 0 ? 1 : 0;
}

// The latch is cleared when the FIFO is empty, and then the FIFO is looked at again: a byte that came in between would not
// raise the interrupt.
std::size_t Cadence::receive(std::span<u8> into) {
    std::size_t count = 0;
    bool cleared = false;
    while (count < into.size()) {
        if ((read(channel_status) & receive_empty) == 0) {
            into[count++] = static_cast<u8>(read(fifo));
            cleared = false;
        } else if (!cleared) {
            write(interrupt_status, receive_triggered);
            cleared = true;
        } else {
            break;
        }
    }
    return count;
}

} // namespace

Uart* make_cadence(Va registers) {
    return new (std::nothrow) Cadence(registers);
}

} // namespace trv::drivers
