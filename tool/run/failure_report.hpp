#pragma once

#include "tool/run/outcome.hpp"
#include "tool/run/run_folder.hpp"
#include "tool/support/paths.hpp"

#include <string>

namespace trv::tool::runs {

/// What went wrong in a run, in lines for a person: each failed command, then the ends of the logs that tell more.
/// Empty when nothing did.
[[nodiscard]] std::string failure_report(Ending ending, const MachineSession& session, const RunFolder& folder,
                                         const Paths& paths);

} // namespace trv::tool::runs
