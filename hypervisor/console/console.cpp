#include "console/console.hpp"

#include "console/log.hpp"
#include "lib/log.hpp"

namespace trv::console {
namespace {

constinit Multiplexer the_multiplexer;
constinit Channel log_output(the_multiplexer, log_channel, "trivisor");
constinit Channel event_output(the_multiplexer, event_channel, "monitor");
constinit Events the_events(event_output);
/// Statistics of 16 VMs in one line.
constinit std::array<char, 16 * KiB> reply_room{};
constinit Monitor the_monitor(event_output, reply_room);

} // namespace

Multiplexer& multiplexer() {
    return the_multiplexer;
}
Events& events() {
    return the_events;
}
Monitor& monitor() {
    return the_monitor;
}

void start(SerialPort& port, Mode mode) {
    the_multiplexer.start(port, mode);
    the_monitor.set_echo(mode == Mode::Plain);
    const bool attached = the_multiplexer.attach(log_output, nullptr).has_value() &&
                          the_multiplexer.attach(event_output, &the_monitor).has_value();
    ASSERT(attached);
    open_log(log_output);
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
