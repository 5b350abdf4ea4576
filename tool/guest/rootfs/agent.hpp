// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::guest {

/// A hash of all inputs of build_agent().
[[nodiscard]] Result<std::string> agent_inputs(const Paths& paths);

/// Compiles guests/linux/agent for a guest: static, so that it runs in every root file system.
[[nodiscard]] Result<void> build_agent(const Paths& paths, const std::filesystem::path& out);

} // namespace trv::tool::guest
