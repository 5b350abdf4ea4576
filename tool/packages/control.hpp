// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::packages {

/// One stanza of a Debian control file: field name to value, continuation lines joined by newlines.
using ControlParagraph = std::map<std::string, std::string>;

[[nodiscard]] std::vector<ControlParagraph> parse_control(std::string_view text);

/// The name of the first package in a Depends field that starts with `prefix`; empty if none does.
[[nodiscard]] std::string first_dependency(std::string_view depends, std::string_view prefix);

} // namespace trv::tool::packages
