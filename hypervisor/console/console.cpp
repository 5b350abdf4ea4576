// SPDX-License-Identifier: Apache-2.0
#include "console/console.hpp"

#include "console/log.hpp"
#include "lib/log.hpp"

namespace trv::console {

Console::~Console() {
    if (open_) {
        close_log();
    }
}

void Console::start(SerialPort& port, Mode mode) {
    multiplexer_.start(port, mode);
    monitor_.set_echo(mode == Mode::Plain);
    const bool attached =
        multiplexer_.attach(log_, nullptr).has_value() && multiplexer_.attach(monitor_channel_, &monitor_).has_value();
    ASSERT(attached);
    open_log(log_);
    open_ = true;
}

void Console::announce_panic() {
    std::array<char, 128> line;
    multiplexer_.emergency_write(event_channel, Events::machine_off_line(PowerOffReason::Panic, line));
}

} // namespace trv::console
