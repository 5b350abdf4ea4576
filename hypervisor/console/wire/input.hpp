// SPDX-License-Identifier: Apache-2.0
#pragma once
// The way in: from the UART to the channels.

#include "console/wire/plain_input.hpp"
#include "console/wire/serial_port.hpp"
#include "console/wire/wire.hpp"
#include "contract/frames.hpp"

#include <atomic>
#include <span>

namespace trv::console {

class Multiplexer;

class Input {
  public:
    static constexpr std::size_t max_bytes = 256; ///< what one call of poll() takes

    /// Takes what the UART holds and hands it to the peers of its channels. If another CPU does so just now, returns at once.
    void poll(SerialPort& port, Mode mode, Multiplexer& multiplexer);

  private:
    void take_framed(std::span<const u8> bytes, Multiplexer& multiplexer);
    void take_plain(std::span<const u8> bytes, Multiplexer& multiplexer);

    std::atomic<bool> busy_ = false; ///< one CPU at a time decodes; guards the two decoders
    contract::FrameDecoder frames_;
    PlainInput keys_;
};

} // namespace trv::console
