// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/test_options.hpp"
#include "tool/dev/testing/test_report.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace trv::tool::dev::testing {

/// Builds the unit tests and fuzz targets (preset `tests`). Only one such build, or setup, runs at a time.
[[nodiscard]] Result<void> build_tests(const Paths& paths, Progress& progress);

/// Runs the unit tests through ctest, which prints each with its verdict and the output of those that fail.
[[nodiscard]] Result<void> run_unit_tests(const Paths& paths, const TestOptions& options, TestReport& report);

/// Passed and failed tests from ctest's summary line; nothing when the line is another.
[[nodiscard]] std::optional<std::pair<unsigned, unsigned>> ctest_counts(std::string_view line);

} // namespace trv::tool::dev::testing
