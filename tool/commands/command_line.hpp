// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/commands/action.hpp"

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace trv::tool::commands {

/// Parses the arguments, runs the command, reports an error. Returns the exit code.
[[nodiscard]] int run_command(int count, const char* const* arguments);

// Each function adds one subcommand, which sets `action` if the user gave it.
void add_setup(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_host(CLI::App& app, Action& action);
void add_bundle(CLI::App& app, Action& action);
void add_ta(CLI::App& app, Action& action);
void add_xtest(CLI::App& app, Action& action);
void add_vm(CLI::App& app, Action& action);
void add_console(CLI::App& app, Action& action);
void add_test(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_demo(CLI::App& app, Action& action);
void add_config(CLI::App& app, Action& action);
void add_menuconfig(CLI::App& app, Action& action);
void add_help(CLI::App& app, Action& action);
void add_completion(CLI::App& app, Action& action);

} // namespace trv::tool::commands
