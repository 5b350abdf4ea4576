// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/consoles/channel_watch.hpp"
#include "tool/support/error.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace trv::host::commands {

/// The action of a parsed command line, which gets a way to the manager; its value is the exit code.
using Action = std::function<tool::Result<int>(const consoles::Connect&)>;

/// Defines the program's name, options and commands, from which parsing, --help, the manual page and shell completion
/// follow.
void define_commands(CLI::App& app, Action& action);

// Each function adds commands, which set `action` if the user gave them.
void add_create(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_monitor_commands(CLI::App& app, Action& action);
void add_destroy(CLI::App& app, Action& action);
void add_console(CLI::App& app, Action& action);
void add_top(CLI::App& app, Action& action);
void add_serve(CLI::App& app, Action& action);
void add_devices(CLI::App& app, Action& action);
void add_plug(CLI::App& app, Action& action);
void add_disk(CLI::App& app, Action& action);
void add_backend(CLI::App& app, Action& action);
void add_help(CLI::App& app, Action& action);

/// The manual page trivisorctl(1), for man(1).
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// @param shell  "bash" or "zsh"
[[nodiscard]] std::string completion_script(const CLI::App& app, std::string_view shell);

/// Parses the arguments, runs the command, reports an error. Returns the exit code.
[[nodiscard]] int run_command(int count, const char* const* arguments, const consoles::Connect& connect);

} // namespace trv::host::commands
