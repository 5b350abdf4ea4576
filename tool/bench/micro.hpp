#pragma once

#include "tool/bench/bench_options.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

namespace trv::tool::bench {

/// `trivisor bench --suite micro`: what exits cost in instructions, measured by the bare-metal guest `micro` under an
/// instruction clock. Prints a table. Exit code 1 when a promise is broken.
[[nodiscard]] Result<int> run_micro(const Paths& paths, Progress& progress, const BenchOptions& options);

} // namespace trv::tool::bench
