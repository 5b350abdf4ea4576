#pragma once

#include "vm/manager.hpp"

namespace trv::vm {

/// Registers what the monitor can do with VMs: list, stats, pause, resume, reset, destroy, start, log,
/// poweroff, and trace where it is built in.
/// Context: boot, before input is polled. `manager` lives as long as the machine.
void add_monitor_commands(Manager& manager);

} // namespace trv::vm
