// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run's options and its machine ask of each other, checked before anything is made.

#include "tool/machine/machine_description.hpp"
#include "tool/run/run_options.hpp"
#include "tool/support/error.hpp"

#include <string>

namespace trv::tool::run {

/// Checks that the machine has a VM with this name, which an option gave.
[[nodiscard]] Result<void> check_vm(const std::string& option, const std::string& name,
                                    const machine::MachineDescription& machine);

/// Checks the options against the machine: every VM they name exists, and can run commands if it gets any.
[[nodiscard]] Result<void> check_options(const RunOptions& options, const machine::MachineDescription& machine);

/// Checks that a VM's command line, with Trivisor's own parameters, is not longer than a kernel takes.
/// @param root  the root file system of a VM that boots from the machine's disk
[[nodiscard]] Result<void> check_command_line(const machine::VmDescription& vm, const RunOptions& options,
                                              const std::string& root = {});

} // namespace trv::tool::run
