// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace trv::tool::command_line {

/// A command with its full name: "ta run".
struct NamedCommand {
    std::string name{};
    const CLI::App* command = nullptr;
};

/// All commands, each before those below it.
[[nodiscard]] std::vector<NamedCommand> all_commands(const CLI::App& app);

/// The allowed values of an option or argument, if they are restricted; otherwise empty.
[[nodiscard]] std::vector<std::string> choices(const CLI::Option& option);

} // namespace trv::tool::command_line
