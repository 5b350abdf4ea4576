// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::guest {

/// The agent's compiler flags, for stamps.
[[nodiscard]] std::string agent_flags();

/// Compiles guests/linux/agent for the guest: static, so that it runs in every root file system.
[[nodiscard]] Result<void> build_agent(const Paths& paths, const std::filesystem::path& out);

} // namespace trv::tool::guest
