#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace trv::tool::control {

/// A table for a person out of the monitor's reply.
/// @param action  "list", "stats", "log" or "trace"; the text is empty for any other
[[nodiscard]] std::string table_for(const std::string& action, const nlohmann::ordered_json& reply);

/// Leaves only this VM in the reply; false when it is not there.
[[nodiscard]] bool keep_vm(nlohmann::ordered_json& reply, const std::string& vm);

} // namespace trv::tool::control
