// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/system_case.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <string>

namespace trv::tool::dev::testing {

/// Runs a case's command, talks to it, and compares what came of it. Ends whatever it left behind, so the caller must
/// have called adopt_leftover_processes().
/// @return what went wrong, in lines; empty when the case passed. An error kept it from being tried
[[nodiscard]] Result<std::string> run_case(const SystemCase& system_case, const Paths& paths);

} // namespace trv::tool::dev::testing
