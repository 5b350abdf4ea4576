// SPDX-License-Identifier: Apache-2.0
#include "console/console.hpp"

#include "console/log.hpp"
#include "lib/late.hpp"
#include "lib/log.hpp"

namespace trv::console {
namespace {

constinit Multiplexer the_multiplexer;
/// Statistics of 16 VMs in one line.
constexpr std::size_t longest_reply = 16 * KiB;
constinit std::array<char, longest_reply> reply_room{};

// A line that finds no room is dropped: the log takes what CPUs say while the UART sends for a guest, the monitor's
// channel a reply on top of another.
constexpr std::size_t log_room = 16 * KiB;
constexpr std::size_t event_room = 2 * longest_reply;

struct Parts {
    ChannelOf<log_room> log{the_multiplexer, log_channel, "trivisor"};
    ChannelOf<event_room> monitor_channel{the_multiplexer, event_channel, "monitor"};
    GuestChannel traces{the_multiplexer, trace_channel, "trace"};
    Events events{monitor_channel};
    Monitor monitor{monitor_channel, reply_room};
};
/// Constructed at run time: in the image they would take much space for a few pointers.
constinit Late<Parts> the_parts;

/// Context: the boot CPU makes the first call, before other CPUs have output.
Parts& parts() {
    return the_parts ? *the_parts : the_parts.emplace();
}

} // namespace

Multiplexer& multiplexer() {
    return the_multiplexer;
}
Channel& trace_output() {
    return parts().traces;
}
Events& events() {
    return parts().events;
}
Monitor& monitor() {
    return parts().monitor;
}

void start(SerialPort& port, Mode mode) {
    the_multiplexer.start(port, mode);
    parts().monitor.set_echo(mode == Mode::Plain);
    const bool attached = the_multiplexer.attach(parts().log, nullptr).has_value() &&
                          the_multiplexer.attach(parts().monitor_channel, &parts().monitor).has_value();
    ASSERT(attached);
    open_log(parts().log);
}

void flush() {
    the_multiplexer.flush();
}

void announce_panic() {
    std::array<char, 128> line;
    the_multiplexer.emergency_write(event_channel, Events::machine_off_line(PowerOffReason::Panic, line));
}

void emergency_write(std::string_view text) {
    the_multiplexer.emergency_write(log_channel, text);
}

} // namespace trv::console
