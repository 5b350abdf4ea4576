// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::console {
class Monitor;
}
namespace trv::vm {
class Tracing;
}

namespace trv::management {

/// Registers the monitor's `trace`. Context: as add_monitor_commands().
void add_trace_command(console::Monitor& monitor, vm::Tracing& tracing);

} // namespace trv::management
