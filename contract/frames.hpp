// SPDX-License-Identifier: Apache-2.0
#pragma once
// Console frames: one byte stream in each direction, with channel switches in it. DLE DLE is one data byte DLE; DLE and
// frame_channel_base + c makes c the channel of the bytes that follow. A stream starts on channel 0. Any other byte
// after DLE is dropped together with its DLE.

#include "contract/channels.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace trv::contract {

inline constexpr std::uint8_t frame_escape = 0x10; ///< DLE
inline constexpr std::uint8_t frame_channel_base = 0x20;
inline constexpr unsigned frame_channels = 95;
static_assert(max_channels <= frame_channels);

/// A few bytes of encoded stream.
struct FrameBytes {
    std::array<std::uint8_t, 2> bytes;
    std::uint8_t count;
};

[[nodiscard]] constexpr FrameBytes encode_switch(unsigned channel) {
    return {{frame_escape, static_cast<std::uint8_t>(frame_channel_base + channel)}, 2};
}
[[nodiscard]] constexpr FrameBytes encode_data(std::uint8_t byte) {
    return {{byte, frame_escape}, static_cast<std::uint8_t>(byte == frame_escape ? 2 : 1)};
}

/// The receiving side; it keeps its state between calls, so that the stream may be split anywhere.
class FrameDecoder {
  public:
    /// @return the data byte that `byte` completes, which belongs to channel(); nothing for a switch or a dropped
    /// escape
    [[nodiscard]] constexpr std::optional<std::uint8_t> decode(std::uint8_t byte) {
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
            channel_ = static_cast<ChannelNumber>(byte - frame_channel_base);
        }
        return std::nullopt;
    }
    [[nodiscard]] constexpr ChannelNumber channel() const { return channel_; }

  private:
    ChannelNumber channel_ = log_channel;
    bool escaped_ = false;
};

} // namespace trv::contract
