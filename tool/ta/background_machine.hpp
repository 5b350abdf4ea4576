#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::ta {

/// The machine that `ta run` uses when the user names none: it has a VM with OP-TEE.
[[nodiscard]] std::filesystem::path default_machine(const Paths& paths);

/// The run folder of a running machine: of that description, or of any when none is named. Boots it when none runs; it
/// goes on running when this command has ended, until stop_machine().
/// @param machine  a machine description, or the name of a run; empty: any machine that runs, else the default one
[[nodiscard]] Result<std::filesystem::path> running_machine(const Paths& paths, Progress& progress,
                                                            const std::filesystem::path& machine);

/// An error when running_machine() did not boot the machine of a run folder: then it is not ours to end.
[[nodiscard]] Result<void> check_ours(const std::filesystem::path& run_folder);

/// Ends the machine of a run folder, if it is ours, and waits until it has ended.
[[nodiscard]] Result<void> stop_machine(const std::filesystem::path& run_folder);

} // namespace trv::tool::ta
