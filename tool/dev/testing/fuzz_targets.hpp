// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/test_options.hpp"
#include "tool/dev/testing/test_report.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

namespace trv::tool::dev::testing {

/// Runs every fuzz target that was built, each for a limited time, starting from its seeds in tests/fuzz/seeds/NAME.
/// What a target finds lies in build/fuzz/NAME afterwards, the input that breaks it included.
[[nodiscard]] Result<void> run_fuzz_targets(const Paths& paths, const TestOptions& options, TestReport& report);

} // namespace trv::tool::dev::testing
