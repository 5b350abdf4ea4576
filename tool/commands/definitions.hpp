#pragma once

#include "tool/commands/context.hpp"

#include <CLI/App.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::commands {

/// Gives the application its name, its options and all commands: what parses, and what --help, the manual page and the
/// shells' completion are made from.
void define_commands(CLI::App& app, Action& action);

/// A command with what it is called below the application: "ta run".
struct NamedCommand {
    std::string name{};
    const CLI::App* command = nullptr;
};

/// All commands, each before those below it.
[[nodiscard]] std::vector<NamedCommand> all_commands(const CLI::App& app);

/// The words that an option's value, or an argument, may be, where only certain ones are allowed; else empty.
[[nodiscard]] std::vector<std::string> choices(const CLI::Option& option);

/// The manual page trivisor(1), for man(1).
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// A script that a shell reads to complete command lines.
/// @param shell  "bash" or "zsh"
[[nodiscard]] std::string completion_script(const CLI::App& app, std::string_view shell);

} // namespace trv::tool::commands
