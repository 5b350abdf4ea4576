// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/test_options.hpp"
#include "tool/dev/testing/test_report.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

namespace trv::tool::dev::testing {

/// Runs the cases of tests/system/*.toml, each as a process of its own of this very command.
[[nodiscard]] Result<void> run_system_tests(const Paths& paths, const TestOptions& options, TestReport& report);

} // namespace trv::tool::dev::testing
