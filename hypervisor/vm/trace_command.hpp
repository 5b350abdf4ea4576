// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::vm {

class Manager;

/// Registers the monitor's `trace`. Context: as add_monitor_commands().
void add_trace_command(Manager& manager);

} // namespace trv::vm
