// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/monitor.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace trv::tool::control {

/// Formats the monitor's reply as a table.
/// @return nothing for a command whose reply is no more than ok
[[nodiscard]] std::string table_for(contract::monitor::Command command, const nlohmann::ordered_json& reply);

/// Removes all other VMs from the reply; false if the VM is not in it.
[[nodiscard]] bool keep_vm(nlohmann::ordered_json& reply, const std::string& vm);

} // namespace trv::tool::control
