// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

namespace trv::tool::demo {

/// `trivisor demo`: two Debian VMs at the same time, each with an OP-TEE of its own: hello_world and a selection of
/// xtest in both, then a table of the results. Returns the exit code, 0 only if all succeed.
[[nodiscard]] Result<int> run_demo(const Paths& paths, Progress& progress);

} // namespace trv::tool::demo
