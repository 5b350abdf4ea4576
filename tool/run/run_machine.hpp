// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/run/run_options.hpp"
#include "tool/run/session/machine_session.hpp"
#include "tool/run/view/view.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <memory>

namespace trv::tool::run {

/// The result of a run.
struct RunResult {
    int exit_code;
    MachineSession session;
    std::filesystem::path logs; // the run's folder
};

/// `trivisor run`: from a machine description to the exit code. A failure of the machine is reported to the user, and
/// is not an error here. Sets up what is missing first.
/// @param view  shows the run; null for the default one
[[nodiscard]] Result<RunResult> run_machine(Context& context, const RunOptions& options,
                                            std::unique_ptr<View> view = nullptr);

/// The configuration of the image for a machine: the given one; if there is none, the one that its platform needs; otherwise
/// the one in force, or "firmware" or "aarch32" if a VM has firmware, or a 32-bit kernel, and the one in force lacks the option.
[[nodiscard]] Result<std::string> config_for(const Paths& paths, const std::string& config,
                                             const machine::MachineDescription& machine);

/// Builds and fetches what a run of the machine needs, and checks the machine against the image's options.
/// @param optees  those of the firmware that it needs; empty: none
[[nodiscard]] Result<void> set_up(Context& context, const RunOptions& run, const machine::MachineDescription& machine,
                                  std::vector<firmware::Optee> optees);

} // namespace trv::tool::run
