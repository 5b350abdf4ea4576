// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/figures.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// So much a figure may grow over the baseline: less is not told from where the compiler happens to put things.
inline constexpr double baseline_tolerance = 1.02;

/// Holds the figures of a suite to those that a file of the checkout has for it.
/// @return a line for each figure that has grown, or that only one side has; empty when all is well
[[nodiscard]] Result<std::vector<std::string>>
compare_with_baseline(const std::filesystem::path& file, const std::string& suite, const std::vector<Figure>& figures);

/// Puts the figures of a suite into the file, and leaves what it has of others.
[[nodiscard]] Result<void> write_baseline(const std::filesystem::path& file, const std::string& suite,
                                          const std::vector<Figure>& figures);

/// What `--baseline` and `--new-baseline` ask for: compares or writes, prints what has grown. True when all is well.
struct BaselineOptions {
    std::filesystem::path file{}; // empty: no baseline
    bool write = false;
};
[[nodiscard]] Result<bool> apply_baseline(const BaselineOptions& options, const std::string& suite,
                                          const std::vector<Figure>& figures);

} // namespace trv::tool::dev::bench
