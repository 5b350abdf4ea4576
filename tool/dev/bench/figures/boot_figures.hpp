// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/figures/suite.hpp"

#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// What a boot's lines tell of when a guest's first process began, in nanoseconds since power-on; nothing when a line
/// is missing.
/// @param lines   of the guest's console
/// @param events  the hypervisor's, with Trivisor
/// @param label   the guest's, with Trivisor
[[nodiscard]] std::optional<double> first_process_ns(Peer peer, const std::vector<std::string>& lines,
                                                     const std::vector<std::string>& events, const std::string& label);

/// When the guest's first process began; with a hypervisor and for the first guest also how large that is, and with
/// Trivisor how much memory it keeps for itself.
[[nodiscard]] Result<std::vector<Figure>> read_boot_figures(const ReadContext& context);

} // namespace trv::tool::dev::bench
