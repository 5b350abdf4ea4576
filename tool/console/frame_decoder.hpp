// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/channel.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace trv::tool::console {

/// Splits the byte stream of the framed UART into its channels. The stream may be split anywhere.
class FrameDecoder {
  public:
    /// Called once for each run of bytes of one channel; the view lives until the call returns.
    using Sink = std::function<void(Channel, std::string_view)>;

    explicit FrameDecoder(Sink sink) : sink_{std::move(sink)} {}

    void feed(std::string_view bytes);

  private:
    void after_escape(char byte);
    void flush();

    Sink sink_;
    std::string run_;
    Channel channel_ = hypervisor_log;
    bool escaped_ = false;
};

} // namespace trv::tool::console
