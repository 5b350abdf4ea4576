// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/report/baseline.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::dev::bench {

/// Where a suite's results go, and what they are held to.
struct BenchOptions {
    std::filesystem::path json{}; // empty: no such file
    std::filesystem::path out{};  // folder, for results.json; empty: none
    BaselineOptions baseline{};
};

/// `results.json` of the folder has the results of all suites that were run into it, each below its name.
/// @param json  the suite's results
[[nodiscard]] Result<void> write_results(const BenchOptions& options, const std::string& suite,
                                         const std::string& json);

} // namespace trv::tool::dev::bench
