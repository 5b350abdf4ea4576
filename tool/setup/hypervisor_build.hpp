#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

namespace trv::tool::setup {

/// Builds the hypervisor's image and the bare-metal guests; a build that has nothing to do is quick.
[[nodiscard]] Result<void> build_hypervisor(const Paths& paths);

} // namespace trv::tool::setup
