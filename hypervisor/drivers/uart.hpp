// SPDX-License-Identifier: Apache-2.0
#pragma once
// The UART drivers of this image, by the `compatible` property of the device tree's node.

#include "console/wire/serial_port.hpp"
#include "lib/result.hpp"
#include "lib/types.hpp"
#include "lib/unique.hpp"

#include <span>
#include <string_view>

namespace trv::drivers {

/// A UART that firmware may or may not have initialised. Drivers keep the firmware's baud rate: the divisor depends on
/// a clock that only firmware knows.
class Uart : public console::SerialPort {
  public:
    Uart() = default;
    Uart(const Uart&) = delete;
    Uart& operator=(const Uart&) = delete;
    virtual ~Uart() = default;

    /// 8N1, FIFOs on, all interrupts masked, transmitter and receiver on. Waits a bounded time until earlier output is
    /// sent.
    virtual void start() = 0;
    /// Enables the receive interrupt; it is off after start().
    virtual void enable_receive_interrupt() = 0;
};

/// The values of `compatible` that have a driver, the preferred one first.
[[nodiscard]] std::span<const std::string_view> uart_compatibles();

/// Constructs a UART's driver on the heap.
/// @param compatible one of uart_compatibles()
/// @param registers  where the device is mapped, as Device memory
/// @return Error::NoMemory
[[nodiscard]] Result<Unique<Uart>> make_uart(std::string_view compatible, Va registers);

} // namespace trv::drivers
