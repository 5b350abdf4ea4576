// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/suite.hpp"

#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// Runs the benchmarks of OP-TEE's xtest that a guest without further hardware can run.
[[nodiscard]] std::string xtest_script();

/// The results of xtest's benchmarks: for storage the time of the largest size, for the others the mean.
[[nodiscard]] std::vector<Figure> parse_xtest_figures(const std::vector<std::string>& lines);

[[nodiscard]] Result<std::vector<Figure>> read_xtest_figures(const ReadContext& context);

} // namespace trv::tool::dev::bench
