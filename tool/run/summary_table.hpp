// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/machine_session.hpp"

#include <string>

namespace trv::tool::runs {

/// A table of each command's result, followed by each VM's boot times.
[[nodiscard]] std::string summary_table(const MachineSession& session);

} // namespace trv::tool::runs
