// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/machine_session.hpp"

#include <string>

namespace trv::tool::run {

/// A table of each command's result, followed by each VM's boot times.
[[nodiscard]] std::string summary_table(const MachineSession& session);

} // namespace trv::tool::run
