// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/process/process.hpp"

namespace trv::tool::ta {

/// Runs a compiler, linker or make. If it fails, the error's place is the file and line of its first error; the others
/// follow, and the full output is in the command's log.
/// @param command  with a folder, which relative names in its output start from, and a log, which is emptied first
[[nodiscard]] Result<void> run_build_step(const Paths& paths, Command command);

} // namespace trv::tool::ta
