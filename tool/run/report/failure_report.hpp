// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/report/outcome.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/paths.hpp"

#include <string>

namespace trv::tool::run {

/// A report of a run's failures: each failed command, then the ends of the relevant logs. Empty if nothing failed.
[[nodiscard]] std::string failure_report(Ending ending, const MachineSession& session,
                                         const run_folder::RunFolder& folder, const Paths& paths);

} // namespace trv::tool::run
