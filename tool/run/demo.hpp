#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

namespace trv::tool::runs {

/// `trivisor demo`: one Debian VM, a few commands in it, and a table of how they went.
[[nodiscard]] Result<int> run_demo(const Paths& paths, Progress& progress);

} // namespace trv::tool::runs
