#pragma once

#include "vm/manager.hpp"

namespace trv::vm {

/// Registers what the monitor can do with VMs: list, stats, pause, resume, reset, destroy, start, log, and trace where
/// it is built in. Context: boot, before input is polled. `manager` lives as long as the machine. Not in every image:
/// option MONITOR.
void add_monitor_commands(Manager& manager);

/// The one command that every image has: poweroff.
/// Context: as above.
void add_power_off_command(Manager& manager);

} // namespace trv::vm
