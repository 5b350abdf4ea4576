// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::control {

/// The run folder of the running machine.
/// @param name  a machine's ("two"), or a run's ("two-3"); empty: the only one that runs
[[nodiscard]] Result<std::filesystem::path> find_running(const Paths& paths, const std::string& name);

} // namespace trv::tool::control
