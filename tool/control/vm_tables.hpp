// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace trv::tool::control {

/// Formats the monitor's reply as a table.
/// @param action  "list", "stats", "log" or "trace"; the text is empty for any other
[[nodiscard]] std::string table_for(const std::string& action, const nlohmann::ordered_json& reply);

/// Removes all other VMs from the reply; false if the VM is not in it.
[[nodiscard]] bool keep_vm(nlohmann::ordered_json& reply, const std::string& vm);

} // namespace trv::tool::control
