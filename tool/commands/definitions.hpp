// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/commands/action.hpp"

#include <CLI/App.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::commands {

/// Defines the application's name, options and commands, from which parsing, --help, the manual page and shell
/// completion follow.
void define_commands(CLI::App& app, Action& action);

/// A command with its full name: "ta run".
struct NamedCommand {
    std::string name{};
    const CLI::App* command = nullptr;
};

/// All commands, each before those below it.
[[nodiscard]] std::vector<NamedCommand> all_commands(const CLI::App& app);

/// The allowed values of an option or argument, if they are restricted; otherwise empty.
[[nodiscard]] std::vector<std::string> choices(const CLI::Option& option);

/// The manual page trivisor(1), for man(1).
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// A shell completion script.
/// @param shell  "bash" or "zsh"
[[nodiscard]] std::string completion_script(const CLI::App& app, std::string_view shell);

} // namespace trv::tool::commands
