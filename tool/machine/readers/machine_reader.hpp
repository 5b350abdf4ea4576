// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace trv::tool::machine {

/// Reads and checks a machine description. Every mistake is a usage error with file, line, column, key and hint.
[[nodiscard]] Result<MachineDescription> read_machine(const std::filesystem::path& file);

/// The same from text; `file` is for messages and relative paths.
[[nodiscard]] Result<MachineDescription> parse_machine(std::string_view text, const std::filesystem::path& file);

} // namespace trv::tool::machine
