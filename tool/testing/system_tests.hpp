// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/testing/test_options.hpp"
#include "tool/testing/test_report.hpp"

namespace trv::tool::testing {

/// Runs the cases of tests/system/*.toml, each as a process of its own of this very command.
[[nodiscard]] Result<void> run_system_tests(const Paths& paths, const TestOptions& options, TestReport& report);

} // namespace trv::tool::testing
