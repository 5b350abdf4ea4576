// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/vm_reader.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::machine {

/// Parses a TOML file's text; mistakes are usage errors with their places.
[[nodiscard]] Result<toml::table> parse_toml(std::string_view text, const std::string& file);

/// A required table of a file.
/// @param example  what could be added if it is missing
[[nodiscard]] Result<const toml::table*> table_of(const toml::table& root, std::string_view key,
                                                  const std::string& file, std::string_view example);

/// Reads all [vm.NAME] tables of a file, in the order of the file.
[[nodiscard]] Result<std::vector<VmDescription>> read_vms(const toml::table& root, const std::filesystem::path& file,
                                                          const Surroundings& surroundings);

} // namespace trv::tool::machine
