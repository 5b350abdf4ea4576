// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::packages {

/// The Debian mirror: TRIVISOR_DEBIAN_MIRROR if set, otherwise from the host's apt sources.
[[nodiscard]] Result<std::string> find_mirror();

/// The Debian archive's main component among apt's index targets.
/// @param targets   lines of "address release component"
[[nodiscard]] std::optional<std::string> choose_mirror(std::string_view targets);

} // namespace trv::tool::packages
