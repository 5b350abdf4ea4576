// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool::ta {

/// Removes all breakpoints of a machine and lets it continue, after a gdb that may not have done so.
/// @param run_folder  of a run with a socket for gdb, to which no gdb is connected
[[nodiscard]] Result<void> release_machine(const std::filesystem::path& run_folder);

} // namespace trv::tool::ta
