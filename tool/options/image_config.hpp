// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::options {

/// The configurations that come with the checkout: the files of configs/, in alphabetical order.
[[nodiscard]] std::vector<std::string> known_configs(const Paths& paths);

/// The current configuration: the chosen one, otherwise the defaults.
[[nodiscard]] std::filesystem::path config_in_force(const Paths& paths);

/// The configurations in known_configs() that differ from the current one.
[[nodiscard]] std::vector<std::string> other_configs(const Paths& paths);

/// The file behind a name.
/// @param name  one of known_configs(), or the path of a file; empty: the current one
[[nodiscard]] Result<std::filesystem::path> find_config(const Paths& paths, const std::string& name);

/// Checks a configuration, and makes it the current one.
[[nodiscard]] Result<void> choose_config(const Paths& paths, const std::string& name);

/// A table of the current options.
[[nodiscard]] Result<std::string> options_in_force(const Paths& paths);

/// Replaces the process with Kconfig's menus on this terminal; returns only on failure.
/// @param file  the file to edit or create; empty: the current configuration
[[nodiscard]] Result<void> open_menus(const Paths& paths, const std::filesystem::path& file);

} // namespace trv::tool::options
