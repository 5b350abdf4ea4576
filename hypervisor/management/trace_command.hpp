// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::vm {
class Manager;
}

namespace trv::management {

/// Registers the monitor's `trace`. Context: as add_monitor_commands().
void add_trace_command(vm::Manager& manager);

} // namespace trv::management
