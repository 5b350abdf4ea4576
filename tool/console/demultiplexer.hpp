// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/frames.hpp"
#include "tool/console/line_splitter.hpp"

#include <array>
#include <string>
#include <string_view>

namespace trv::tool::console {

/// Receives the machine's output. All calls come from within `Demultiplexer::feed` and `finish`.
class Listener {
  public:
    virtual ~Listener() = default;

    /// Bytes as they come, for a terminal that shows a console live.
    virtual void on_bytes(Channel channel, std::string_view bytes) = 0;

    /// A complete line of a line-based channel, or at the end the rest without a line end.
    virtual void on_line(Channel channel, const std::string& line) = 0;
};

/// Splits the machine's UART output into bytes and lines per channel.
class Demultiplexer {
  public:
    explicit Demultiplexer(Listener& listener);
    Demultiplexer(const Demultiplexer&) = delete;
    Demultiplexer& operator=(const Demultiplexer&) = delete;
    ~Demultiplexer() = default;

    void feed(std::string_view bytes) { decoder_.feed(bytes); }

    /// Call this at the end of the machine's output: delivers every unfinished line.
    void finish();

  private:
    void on_run(Channel channel, std::string_view bytes);

    Listener& listener_;
    FrameDecoder decoder_;
    std::array<LineSplitter, contract::frame_channels> splitters_{};
};

} // namespace trv::tool::console
