#pragma once

#include "tool/run/machine_session.hpp"

#include <string>

namespace trv::tool::runs {

/// A table for a person: each command, how it ended; below it how each VM booted.
[[nodiscard]] std::string summary_table(const MachineSession& session);

} // namespace trv::tool::runs
