// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console/wire/serial_port.hpp"
#include "contract/frames.hpp"
#include "lib/types.hpp"

#include <array>
#include <string_view>

namespace trv::console {

/// Encoded bytes that are already part of the stream but that the UART had no room for. It lets an escape sequence or a
/// line prefix be produced as a whole although the UART takes one byte at a time.
class OutputStage {
  public:
    /// Enough for a line break, the longest prefix and an escaped byte.
    static constexpr std::size_t capacity = 64;

    [[nodiscard]] bool empty() const { return first_ == last_; }

    /// Precondition: fewer than `capacity` bytes since it was last empty.
    void put(u8 byte) { bytes_[last_++] = byte; }
    void put(const contract::FrameBytes& encoded) {
        for (u8 i = 0; i < encoded.count; ++i) {
            put(encoded.bytes[i]);
        }
    }
    void put(std::string_view text) {
        for (const char c : text) {
            put(static_cast<u8>(c));
        }
    }

    /// Sends a byte if nothing is staged and the port is known to take it.
    /// @return whether it did
    [[nodiscard]] bool pass(u8 byte, SerialPort& port) {
        if (room_ == 0 || !empty()) {
            return false;
        }
        --room_;
        port.send(byte);
        return true;
    }

    /// Sends what the port takes.
    /// @return whether nothing is left
    bool flush(SerialPort& port) {
        while (first_ != last_) {
            if (room_ == 0) {
                room_ = port.send_room();
                if (room_ == 0) {
                    return false;
                }
            }
            --room_;
            port.send(bytes_[first_++]);
        }
        first_ = 0;
        last_ = 0;
        return true;
    }

  private:
    std::array<u8, capacity> bytes_{};
    u8 first_ = 0;
    u8 last_ = 0;
    std::size_t room_ = 0; ///< bytes that the port takes without being asked
};

} // namespace trv::console
