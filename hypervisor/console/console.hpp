// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's console: the sink of lib/log.hpp, and access to the multiplexer, the events and the monitor.

#include "console/events.hpp"
#include "console/monitor.hpp"
#include "console/multiplexer.hpp"

namespace trv::console {

[[nodiscard]] Multiplexer& multiplexer();
/// For traces; not attached before the first trace starts.
[[nodiscard]] Channel& trace_output();
[[nodiscard]] Events& events();
[[nodiscard]] Monitor& monitor();

/// Opens the console: attaches the log, the events and the monitor, and replays the lines logged so far.
/// Context: once, on the boot CPU, before others log.
void start(SerialPort& port, Mode mode);

/// Waits until the UART has accepted all output, for an orderly power-off.
void flush();

/// Reports that the machine powers off because of a panic: the `machine-off` event, without any lock. Afterwards only
/// emergency_write() has an effect.
void announce_panic();
/// Last words on channel 0, without any lock. Before start(), they are lost.
void emergency_write(std::string_view text);

} // namespace trv::console
