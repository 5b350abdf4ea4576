// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/monitor.hpp"
#include "host/manager/manager.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace trv::host::commands {

/// Runs a command of the monitor; a refusal of it is an error.
/// @param argument  what stands behind the command; may be empty
[[nodiscard]] tool::Result<nlohmann::ordered_json> ask(manager::Manager& manager, contract::monitor::Command command,
                                                       const std::string& argument = {});

/// The index of a VM; the error of an unknown one has the names of those that there are.
[[nodiscard]] tool::Result<unsigned> index_of(manager::Manager& manager, const std::string& name);

/// Waits until a VM that was ended has stopped: only then it can start again.
[[nodiscard]] tool::Result<void> await_end(manager::Manager& manager, const std::string& name);

} // namespace trv::host::commands
