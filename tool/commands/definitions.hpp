// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/command_line/completion.hpp"
#include "tool/command_line/definitions.hpp"
#include "tool/command_line/manual_page.hpp"
#include "tool/commands/action.hpp"

#include <CLI/App.hpp>

#include <string>
#include <string_view>

namespace trv::tool::commands {

using command_line::all_commands;

/// Defines the application's name, options and commands, from which parsing, --help, the manual page and shell
/// completion follow.
void define_commands(CLI::App& app, Action& action);

/// The manual page trivisor(1), for man(1).
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// A shell completion script.
/// @param shell  "bash" or "zsh"
[[nodiscard]] std::string completion_script(const CLI::App& app, std::string_view shell);

} // namespace trv::tool::commands
