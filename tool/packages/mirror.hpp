#pragma once

#include "tool/support/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::packages {

/// Where this machine gets Debian from. TRIVISOR_DEBIAN_MIRROR, when set, says it; else the machine's apt does.
[[nodiscard]] Result<std::string> find_mirror();

/// The Debian archive's main component among apt's index targets.
/// @param targets   lines of "address release component"
[[nodiscard]] std::optional<std::string> choose_mirror(std::string_view targets);

} // namespace trv::tool::packages
