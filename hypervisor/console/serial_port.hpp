#pragma once

#include "lib/types.hpp"

#include <cstddef>
#include <span>

namespace trv::console {

/// The physical UART as the multiplexer sees it. The multiplexer calls send-side functions under its own lock and
/// receive() from one CPU at a time; both sides may run in parallel with each other.
class SerialPort {
  public:
    /// Whether send() takes a byte now.
    [[nodiscard]] virtual bool can_send() = 0;
    /// Precondition: can_send().
    virtual void send(u8 byte) = 0;
    /// Takes what has arrived, at most `into.size()` bytes.
    /// @return how many bytes of `into` were written
    [[nodiscard]] virtual std::size_t receive(std::span<u8> into) = 0;
    /// Asks for an interrupt when there is room again; the multiplexer withdraws it once nothing waits.
    virtual void want_send_interrupt(bool wanted) = 0;

  protected:
    ~SerialPort() = default;
};

} // namespace trv::console
