// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <functional>

namespace trv::tool::commands {

/// The action of a parsed command line; its value is the exit code.
using Action = std::function<Result<int>(Context&)>;

} // namespace trv::tool::commands
