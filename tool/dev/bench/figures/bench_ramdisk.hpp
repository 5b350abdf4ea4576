// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/suite.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool::dev::bench {

/// Makes the initramfs of a measurement's guests: the demo root file system, what the suite brings, and a script that
/// takes the agent's place. Needs what `run_setup` makes.
[[nodiscard]] Result<std::filesystem::path> make_ramdisk(Context& context, const Suite& suite,
                                                         const Measurement& measurement);

} // namespace trv::tool::dev::bench
