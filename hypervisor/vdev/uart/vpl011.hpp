// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's PL011 UART, sufficient for Linux's amba-pl011 driver and simpler ones: FIFOs of 32 bytes, receive, receive
// time-out and transmit interrupts. It has no serial line: baud rate, parity and modem signals are accepted and have no
// effect. [PL011 TRM DDI0183]

#include "console/wire/byte_sink.hpp"
#include "console/wire/channel.hpp"
#include "sync/spinlock.hpp"
#include "vdev/interrupt_line.hpp"
#include "vdev/mmio.hpp"

#include <array>

namespace trv::vdev {

class VPl011 final : public MmioDevice, public console::ChannelPeer {
  public:
    static constexpr u64 window_size = 0x1000;
    static constexpr std::size_t fifo_depth = 32;
    /// Input queued for a guest that does not read: pasted text is longer than a FIFO.
    static constexpr std::size_t input_size = 4096;

    /// Both must outlive the device. No other code writes to `output`.
    constexpr VPl011(console::ByteSink& output, InterruptLine& interrupt) : output_(output), interrupt_(interrupt) {}

    [[nodiscard]] MmioRead read(const MmioAccess& access) override EXCLUDES(lock_);
    MmioOutcome write(const MmioAccess& access, u64 value) override EXCLUDES(lock_);

    /// Receives bytes from the line. Bytes that do not fit are lost, and the guest sees an overrun, as on hardware.
    void receive(std::span<const u8> bytes) override EXCLUDES(lock_);
    [[nodiscard]] std::size_t input_room() override EXCLUDES(lock_);
    /// Notifies the model that the output has room again.
    void resume_tx() override EXCLUDES(lock_);

    /// Resets to the state after power-on, for a VM that restarts. Drops unread input.
    void reset() EXCLUDES(lock_);

  private:
    struct Registers {
        u32 receive_status = 0;
        u32 irda_low_power = 0;
        u32 integer_baud = 0;
        u32 fraction_baud = 0;
        u32 line_control = 0;
        u32 control = 0x300; // TXE, RXE
        u32 fifo_levels = 0x12;
        u32 interrupt_mask = 0;
        u32 raw_interrupts = 0;
        u32 dma_control = 0;
    };

    [[nodiscard]] u32 read_register(u64 offset) REQUIRES(lock_);
    void write_register(u64 offset, u32 value) REQUIRES(lock_);
    [[nodiscard]] u32 read_data() REQUIRES(lock_);
    void write_data(u8 byte) REQUIRES(lock_);
    [[nodiscard]] u32 flags() const REQUIRES(lock_);
    [[nodiscard]] std::size_t depth() const REQUIRES(lock_);
    [[nodiscard]] std::size_t transmit_level() const REQUIRES(lock_);
    [[nodiscard]] std::size_t receive_level() const REQUIRES(lock_);
    void transmit_changed() REQUIRES(lock_);
    void receive_changed() REQUIRES(lock_);
    void drive_interrupt() REQUIRES(lock_);

    SpinLock lock_; ///< before the interrupt controller's
    console::ByteSink& output_;
    InterruptLine& interrupt_;
    Registers registers_ GUARDED_BY(lock_);
    bool asserted_ GUARDED_BY(lock_) = false;
    std::array<u8, input_size> input_ GUARDED_BY(lock_){};
    std::size_t input_head_ GUARDED_BY(lock_) = 0; ///< bytes ever queued
    std::size_t input_tail_ GUARDED_BY(lock_) = 0; ///< bytes ever read
    bool overrun_ GUARDED_BY(lock_) = false;       ///< the next byte read carries the overrun mark
};

} // namespace trv::vdev
