#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::options {

/// The configurations that come with the checkout: the files of configs/, in alphabetical order.
[[nodiscard]] std::vector<std::string> known_configs(const Paths& paths);

/// The configuration in force: what was chosen, else the defaults.
[[nodiscard]] std::filesystem::path config_in_force(const Paths& paths);

/// Those of known_configs() that would change something if they were chosen.
[[nodiscard]] std::vector<std::string> other_configs(const Paths& paths);

/// The file behind a name.
/// @param name  one of known_configs(), or the path of a file; empty: the one in force
[[nodiscard]] Result<std::filesystem::path> find_config(const Paths& paths, const std::string& name);

/// Puts a configuration in force, after a check that the options accept it.
[[nodiscard]] Result<void> choose_config(const Paths& paths, const std::string& name);

/// A table of the options in force.
[[nodiscard]] Result<std::string> options_in_force(const Paths& paths);

/// Becomes Kconfig's menus, on this terminal; returns only when that cannot be done.
/// @param file  what they change, and make if it is not there; empty: the configuration in force
[[nodiscard]] Result<void> open_menus(const Paths& paths, const std::filesystem::path& file);

} // namespace trv::tool::options
