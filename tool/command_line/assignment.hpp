// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace trv::tool::command_line {

/// Splits "VM=VALUE" at the first '='; neither part may be empty.
/// @param option  the option's name, for errors
[[nodiscard]] Result<std::pair<std::string, std::string>> parse_assignment(std::string_view option,
                                                                           std::string_view text);

} // namespace trv::tool::command_line
