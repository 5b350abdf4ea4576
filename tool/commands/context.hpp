#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <functional>

namespace trv::tool::commands {

/// What every command works with.
struct Context {
    Paths paths;
    Progress progress{};
};

/// What a parsed command line is to do; its value is the exit code.
using Action = std::function<Result<int>(Context&)>;

} // namespace trv::tool::commands
