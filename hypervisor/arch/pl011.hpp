// SPDX-License-Identifier: Apache-2.0
#pragma once
// The physical UART. [PL011 TRM DDI0183]

#include "console/serial_port.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv::arch {

/// Driver for an Arm PL011 that firmware may or may not have initialised. It keeps the firmware's baud rate, because
/// the divisor depends on a clock that only firmware knows.
class Pl011 final : public console::SerialPort {
  public:
    /// @param registers where the device's 4 KiB are mapped, as Device memory
    constexpr explicit Pl011(Va registers) : registers_(registers) {}

    /// 8N1, FIFOs on, all interrupts masked, transmitter and receiver on. Waits a bounded time until earlier output is
    /// sent.
    void start();
    /// Enables the receive interrupt; it is off after start().
    void enable_receive_interrupt();

    [[nodiscard]] std::size_t send_room() override;
    void send(u8 byte) override;
    [[nodiscard]] std::size_t receive(std::span<u8> into) override;
    void want_send_interrupt(bool wanted) override;

  private:
    [[nodiscard]] u32 read(u64 offset) const;
    void write(u64 offset, u32 value);
    void update_mask();

    Va registers_;
    std::atomic<u32> transmit_mask_ = 0;
    std::atomic<u32> receive_mask_ = 0;
};

} // namespace trv::arch
