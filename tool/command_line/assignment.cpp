// SPDX-License-Identifier: Apache-2.0
#include "tool/command_line/assignment.hpp"

#include <fmt/format.h>

namespace trv::tool::command_line {

Result<std::pair<std::string, std::string>> parse_assignment(std::string_view option, std::string_view text) {
    const std::size_t at = text.find('=');
    if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) {
        return usage_error(std::string{option}, std::string{text}, "does not name a VM and a value",
                           fmt::format("Write {0} VM=VALUE, for example {0} {1}.", option,
                                       option == "--exec" ? "'vm=uname -a'" : "vm=folder"));
    }
    return std::pair{std::string{text.substr(0, at)}, std::string{text.substr(at + 1)}};
}

} // namespace trv::tool::command_line
