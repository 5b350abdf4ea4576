#pragma once
// The machine's one console: what lib/log.hpp writes to, and where every other part finds the multiplexer, the events
// and the monitor.

#include "console/events.hpp"
#include "console/monitor.hpp"
#include "console/multiplexer.hpp"

namespace trv::console {

[[nodiscard]] Multiplexer& multiplexer();
/// For traces; not attached before the first trace starts.
[[nodiscard]] Channel& trace_output();
[[nodiscard]] Events& events();
[[nodiscard]] Monitor& monitor();

/// Opens the console: attaches the log, the events and the monitor, and replays the lines that were logged so far.
/// Context: once, on the boot CPU, before others log.
void start(SerialPort& port, Mode mode);

/// Waits until the UART has taken everything that was written, for an orderly power-off.
void flush();

/// Says that the machine goes down for a panic: the `machine-off` event, without any lock. Afterwards only
/// emergency_write() gets through.
void announce_panic();
/// Last words on channel 0, without any lock. Before start(), they are lost.
void emergency_write(std::string_view text);

} // namespace trv::console
