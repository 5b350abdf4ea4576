// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

namespace trv::tool {

/// What almost all that a command does needs: where things are, and where to say what it is doing.
struct Context {
    Paths paths;
    Progress progress{};
};

} // namespace trv::tool
