// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/suite.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// How often a second all guests together enter the hypervisor while they have nothing to do: between the last two
/// answers to `stats`. Nothing if there are no two. (Their waiting itself is no measure: a guest that is alone on its
/// CPU waits there without the hypervisor's knowing.)
[[nodiscard]] std::optional<double> idle_exits_per_second(const std::vector<std::string>& events);

/// Those of read_boot_figures(), and with the first guest's `idle-exits` of all guests together.
[[nodiscard]] Result<std::vector<Figure>> read_scale_figures(const ReadContext& context);

} // namespace trv::tool::dev::bench
