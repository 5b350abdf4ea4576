// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool::host {

/// Compiles the programs of the host VM for arm64, with libraries of Debian bookworm, and returns the folder that they are
/// in. A build that has nothing to do is quick. The caller holds the setup's lock.
[[nodiscard]] Result<std::filesystem::path> build_host_programs(Context& context);

} // namespace trv::tool::host
