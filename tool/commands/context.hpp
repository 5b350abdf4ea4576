// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <functional>

namespace trv::tool::commands {

/// The context of every command.
struct Context {
    Paths paths;
    Progress progress{};
};

/// The action of a parsed command line; its value is the exit code.
using Action = std::function<Result<int>(Context&)>;

} // namespace trv::tool::commands
