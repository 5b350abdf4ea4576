// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run_folder/run_folder.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace trv::tool::ta {

/// The default machine of `ta run`: it has a VM with OP-TEE.
[[nodiscard]] std::filesystem::path default_machine(const Paths& paths);

/// The run's folder, if there is a run; an error if there are several.
[[nodiscard]] Result<std::optional<std::filesystem::path>> only_one(const std::vector<run_folder::RunEntry>& runs);

/// The run folder of a running machine: of that description, or of any if none is given. Boots it if none is running;
/// it keeps running after this command, until stop_machine().
/// @param machine  a machine description, or the name of a run; empty: any machine that runs, else the default one
[[nodiscard]] Result<std::filesystem::path> running_machine(Context& context, const std::filesystem::path& machine);

/// An error if running_machine() did not boot the machine of a run folder: then `ta` must not stop it.
[[nodiscard]] Result<void> check_ours(const std::filesystem::path& run_folder);

/// Stops the machine of a run folder, if `ta run` booted it, and waits until it has stopped.
[[nodiscard]] Result<void> stop_machine(const std::filesystem::path& run_folder);

} // namespace trv::tool::ta
