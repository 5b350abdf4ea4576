// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/suite.hpp"

#include <istream>
#include <vector>

namespace trv::tool::dev::bench {

/// Counts the exceptions that were taken to EL2 between each pair of marks in QEMU's log of exceptions; the system
/// calls of bench/guest/cpu_load.c are the marks.
[[nodiscard]] std::vector<std::uint64_t> count_exits(std::istream& log);

/// The guest's figures, and for each how many exits a second of it there were, if exceptions were logged.
[[nodiscard]] Result<std::vector<Figure>> read_exit_figures(const ReadContext& context);

} // namespace trv::tool::dev::bench
