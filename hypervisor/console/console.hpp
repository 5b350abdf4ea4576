// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's console: its multiplexer, and the channels that the hypervisor itself speaks on.

#include "console/events.hpp"
#include "console/monitor.hpp"
#include "console/wire/multiplexer.hpp"

namespace trv::console {

class Console {
  public:
    Console() = default;
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    /// The log keeps its first lines for the next console.
    ~Console();

    /// Opens the console: attaches the log, the events and the monitor, and replays the lines logged so far.
    /// Context: once, on the boot CPU, before others log. What is written before is dropped.
    void start(SerialPort& port, Mode mode);
    /// Whether start() has been called.
    [[nodiscard]] bool is_open() const { return open_; }

    [[nodiscard]] Multiplexer& multiplexer() { return multiplexer_; }
    [[nodiscard]] Events& events() { return events_; }
    [[nodiscard]] Monitor& monitor() { return monitor_; }
    /// For traces; not attached before the first trace starts.
    [[nodiscard]] Channel& trace_output() { return traces_; }

    /// Waits until the UART has accepted all output, for an orderly power-off.
    void flush() { multiplexer_.flush(); }

    /// Reports that the machine powers off because of a panic: the `machine-off` event, without any lock. Afterwards
    /// only emergency_write() has an effect.
    void announce_panic();
    /// Last words on channel 0, without any lock. Before start(), they are lost.
    void emergency_write(std::string_view text) { multiplexer_.emergency_write(log_channel, text); }

  private:
    /// Statistics of 16 VMs in one line.
    static constexpr std::size_t longest_reply = 16 * KiB;
    // A line that finds no room is dropped: the log takes what CPUs say while the UART sends for a guest, the monitor's
    // channel a reply on top of another.
    static constexpr std::size_t log_room = 16 * KiB;
    static constexpr std::size_t event_room = 2 * longest_reply;

    bool open_ = false; ///< written by the boot CPU before others run
    Multiplexer multiplexer_;
    std::array<char, longest_reply> reply_room_;
    ChannelOf<log_room> log_{multiplexer_, log_channel, "trivisor"};
    ChannelOf<event_room> monitor_channel_{multiplexer_, event_channel, "monitor"};
    GuestChannel traces_{multiplexer_, trace_channel, "trace"};
    Events events_{monitor_channel_};
    Monitor monitor_{monitor_channel_, reply_room_};
};

} // namespace trv::console
