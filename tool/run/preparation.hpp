// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/firmware/optee.hpp"
#include "tool/machine/machine_description.hpp"
#include "tool/qemu/qemu_options.hpp"
#include "tool/run/run_options.hpp"
#include "tool/run/session/vm_session.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <vector>

namespace trv::tool::run {

/// The OP-TEE of the run's machine.
[[nodiscard]] firmware::Optee optee_of(const RunOptions& options, const machine::MachineDescription& machine);

/// The run's plan for each VM.
[[nodiscard]] std::vector<VmPlan> make_plans(const RunOptions& options, const machine::MachineDescription& machine);

/// The kernel's command line of a VM.
/// @param root  the root file system of a VM that boots from the machine's disk
[[nodiscard]] std::string boot_arguments(const machine::VmDescription& vm, const RunOptions& options,
                                         const std::string& root = {});

/// Creates the machine's files in the run's folder, and lays out its memory.
/// @param disks  the machine's, which this run may use
[[nodiscard]] Result<qemu::QemuOptions> prepare_machine(const Paths& paths, const run_folder::RunFolder& folder,
                                                        const RunOptions& options,
                                                        const machine::MachineDescription& machine,
                                                        const std::vector<platform::Disk>& disks);

/// Writes a bundle with the machine's VMs (contract/bundle.hpp).
/// @param folder  for files on the way
/// @param file    the bundle
[[nodiscard]] Result<void> write_bundle(const Paths& paths, const run_folder::RunFolder& folder,
                                        const RunOptions& options, const machine::MachineDescription& machine,
                                        const std::vector<platform::Disk>& disks, const std::filesystem::path& file);

} // namespace trv::tool::run
