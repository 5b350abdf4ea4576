// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/part.hpp"
#include "tool/dev/testing/test_report.hpp"
#include "tool/machine/machine_description.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trv::tool::dev::testing {

/// What the user asked `test` for.
struct TestOptions {
    std::string suite{};                    // unit, fuzz, system; empty: all
    std::string filter{};                   // regular expression that a test's name must contain
    bool full = false;                      // also the tests that take long
    std::optional<unsigned> fuzz_seconds{}; // for each target
    Part part{};

    [[nodiscard]] bool wants(std::string_view name) const {
        return (suite.empty() || suite == name) && (part.number == 1 || name == "system");
    }
};

/// Builds the unit tests and fuzz targets (preset `tests`). Only one such build, or setup, runs at a time.
[[nodiscard]] Result<void> build_tests(Context& context);

/// Runs the unit tests through ctest, which prints each with its verdict and the output of those that fail.
[[nodiscard]] Result<void> run_unit_tests(const Paths& paths, const TestOptions& options, TestReport& report);

/// Passed and failed tests from ctest's summary line; nothing when the line is another.
[[nodiscard]] std::optional<std::pair<unsigned, unsigned>> ctest_counts(std::string_view line);

/// Runs every fuzz target that was built, each for a limited time, starting from its seeds in tests/fuzz/seeds/NAME.
/// What a target finds lies in build/fuzz/NAME afterwards, the input that breaks it included.
[[nodiscard]] Result<void> run_fuzz_targets(const Paths& paths, const TestOptions& options, TestReport& report);

/// The OP-TEEs of the machines that the wanted system tests boot, each once: a build of one would take longer than a case
/// may. Descriptions that are refused have none.
[[nodiscard]] Result<std::vector<firmware::Optee>> optees_of_cases(const Paths& paths, const TestOptions& options);

/// Runs the cases of tests/system/*.toml, each as a process of its own of this very command.
[[nodiscard]] Result<void> run_system_tests(const Paths& paths, const TestOptions& options, TestReport& report);

} // namespace trv::tool::dev::testing
