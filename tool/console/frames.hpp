// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/frames.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace trv::tool::console {

using Channel = contract::ChannelNumber;

/// Splits the byte stream of the framed UART into its channels. The stream may be split anywhere.
class FrameDecoder {
  public:
    /// Called once for each run of bytes of one channel; the view lives until the call returns.
    using Sink = std::function<void(Channel, std::string_view)>;

    explicit FrameDecoder(Sink sink) : sink_{std::move(sink)} {}

    void feed(std::string_view bytes);

  private:
    void flush(Channel channel);

    Sink sink_;
    std::string run_;
    contract::FrameDecoder decoder_;
};

/// The bytes that carry `text` on `channel` in the one byte stream that goes to the machine. Each piece names its
/// channel, so that a piece that is lost (while the machine boots, say) does not misdirect the next.
[[nodiscard]] std::string encode_frame(Channel channel, std::string_view text);

} // namespace trv::tool::console
