// SPDX-License-Identifier: Apache-2.0
#pragma once
// The stream of bytes on the UART, in which the channels take turns.

#include "console/wire/channel.hpp"
#include "console/wire/output_stage.hpp"

namespace trv::console {

enum class Mode : u8 {
    Plain,  ///< a person's terminal: whole lines with the channel's name before them; the channel in focus unbuffered
    Framed, ///< a program's end: contract/frames.hpp
};

/// What was sent last, and how the next byte looks after it. It belongs to the CPU that sends.
class Wire {
  public:
    static constexpr std::size_t max_run = 256; ///< bytes of one channel in a row while others wait

    /// Before the first byte. The other side may have seen firmware's output before.
    void begin(Mode mode);
    [[nodiscard]] bool is_framed() const { return mode_ == Mode::Framed; }

    /// The channel whose bytes were sent last.
    [[nodiscard]] unsigned current() const { return current_; }
    /// The last byte was no line end.
    [[nodiscard]] bool is_amid_line() const { return line_open_; }
    /// The current channel has had its turn, if others wait.
    [[nodiscard]] bool is_run_full() const { return run_ >= max_run; }

    /// Makes `channel` the one that the following bytes belong to. Precondition: nothing is staged.
    void select(unsigned channel);
    /// Sends a byte of the current channel, or stages what the UART does not take. Precondition: nothing is staged.
    /// @param prefix is before each line on a terminal; empty: none
    void send(u8 byte, std::string_view prefix, SerialPort& port);

    /// Some of it was not taken by the UART.
    [[nodiscard]] bool has_staged() const { return !stage_.empty(); }
    /// @return whether nothing is staged any more
    [[nodiscard]] bool flush(SerialPort& port) { return stage_.flush(port); }

  private:
    OutputStage stage_;
    unsigned current_ = 0;
    std::size_t run_ = 0; ///< bytes since `current_` became current, or since its last line end
    Mode mode_ = Mode::Plain;
    bool line_open_ = false;
    u8 last_ = 0; ///< the last byte
};

} // namespace trv::console
