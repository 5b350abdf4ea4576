// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run_folder/run_folder.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <sys/types.h>

#include <filesystem>
#include <vector>

namespace trv::tool::ta {

/// What a machine is started for.
enum class StartedFor {
    Commands,  ///< those to come: it keeps running when this process ends
    Debugging, ///< this process: gdb can connect to it, and it ends with this process
};

/// The live runs of a machine description, or with a run's name; all live runs if none is given.
[[nodiscard]] std::vector<run_folder::RunEntry> live_runs(const Paths& paths, const std::filesystem::path& machine);

/// The process that keeps a machine running.
[[nodiscard]] Result<pid_t> owner_of(const std::filesystem::path& run_folder);

/// Starts `run` in the background, and waits until other commands can use it.
/// @return the run's folder
[[nodiscard]] Result<std::filesystem::path> start_machine(const Paths& paths, const std::filesystem::path& machine,
                                                          StartedFor purpose);

/// Ends a run, and waits until it has ended.
[[nodiscard]] Result<void> end_machine(const std::filesystem::path& run_folder);

} // namespace trv::tool::ta
