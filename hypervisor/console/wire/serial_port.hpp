// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <cstddef>
#include <span>

namespace trv::console {

/// The physical UART as the multiplexer sees it. One CPU at a time sends, and one at a time receives; the two may run in
/// parallel.
class SerialPort {
  public:
    /// Bytes that send() takes without being asked again: with time they can only become more.
    [[nodiscard]] virtual std::size_t send_room() = 0;
    /// Precondition: fewer than send_room() bytes were sent since that was asked.
    virtual void send(u8 byte) = 0;
    /// Takes what has arrived, at most `into.size()` bytes.
    /// @return how many bytes of `into` were written
    [[nodiscard]] virtual std::size_t receive(std::span<u8> into) = 0;
    /// Asks for an interrupt when there is room again; the multiplexer withdraws it once nothing waits.
    virtual void want_send_interrupt(bool wanted) = 0;

  protected:
    ~SerialPort() = default;
};

/// Times that a UART may have no room in a row before it counts as dead and what waits for it is given up.
inline constexpr unsigned patience = 100'000'000;

} // namespace trv::console
