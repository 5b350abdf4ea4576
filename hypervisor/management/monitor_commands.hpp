// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vm/manager.hpp"

namespace trv::management {

/// Registers the monitor's commands for VMs: list, stats, pause, resume, reset, destroy, start, log, and trace if it is
/// built in. Context: boot, before input is polled. `manager` must never be destroyed. Not in every image: option
/// MONITOR.
void add_monitor_commands(vm::Manager& manager);

/// Registers the monitor's `trace`. Context: as above.
void add_trace_command(console::Monitor& monitor, vm::Tracing& tracing);

/// Registers the command that every image has: poweroff.
/// Context: as above.
void add_power_off_command(vm::Manager& manager);

} // namespace trv::management
