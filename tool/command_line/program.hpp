// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <optional>
#include <string>

namespace trv::tool::command_line {

/// Parses a program's arguments. Prints what is wrong with them, or the help that they ask for.
/// @return the program's exit code, if it ends here
[[nodiscard]] std::optional<int> parse(CLI::App& app, int count, const char* const* arguments);

/// Prints an error as the program's.
/// @return its exit code
[[nodiscard]] int report(const std::string& program, const Error& error);

/// Runs a program's action, and reports its error. The standard library's file functions throw if a folder disappears
/// while they run.
/// @return the exit code
[[nodiscard]] int carry_out(const std::string& program, const std::function<Result<int>()>& action);

} // namespace trv::tool::command_line
