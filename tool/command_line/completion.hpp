// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <string_view>

namespace trv::tool::command_line {

struct CompletionText {
    std::string_view made_by; ///< the command that prints the script, without the shell
    std::string_view calls;   ///< the ways in which the program is called, separated by spaces
};

/// A shell completion script, from the definitions of a program's commands.
/// @param shell  "bash" or "zsh"
[[nodiscard]] std::string completion_script(const CLI::App& app, std::string_view shell, const CompletionText& text);

} // namespace trv::tool::command_line
