// SPDX-License-Identifier: Apache-2.0
#pragma once
// The console frames of docs/internals/machine-tree.md: one byte stream with channel switches in it.

#include "lib/types.hpp"

#include <array>
#include <optional>
#include <span>

namespace trv::console {

inline constexpr u8 frame_escape = 0x10; ///< DLE
inline constexpr u8 frame_channel_base = 0x20;
inline constexpr unsigned frame_channels = 95;

/// A few bytes of encoded stream.
struct FrameBytes {
    std::array<u8, 2> bytes;
    u8 count;
};

[[nodiscard]] constexpr FrameBytes encode_switch(unsigned channel) {
    return {{frame_escape, static_cast<u8>(frame_channel_base + channel)}, 2};
}
[[nodiscard]] constexpr FrameBytes encode_data(u8 byte) {
    return {{byte, frame_escape}, static_cast<u8>(byte == frame_escape ? 2 : 1)};
}

/// The receiving side; it keeps its state between calls, so that the stream may be split anywhere.
class FrameDecoder {
  public:
    /// @return the data byte that `byte` completes, which belongs to channel(); nothing for a switch or a dropped
    /// escape
    [[nodiscard]] constexpr std::optional<u8> decode(u8 byte) {
        if (!escaped_) {
            if (byte == frame_escape) {
                escaped_ = true;
                return std::nullopt;
            }
            return byte;
        }
        escaped_ = false;
        if (byte == frame_escape) {
            return byte;
        }
        if (byte >= frame_channel_base && byte < frame_channel_base + frame_channels) {
            channel_ = byte - frame_channel_base;
        }
        return std::nullopt;
    }
    [[nodiscard]] constexpr unsigned channel() const { return channel_; }

  private:
    unsigned channel_ = 0;
    bool escaped_ = false;
};

} // namespace trv::console
