// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "tool/command_line/definitions.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <memory>

namespace trv::host::commands {

namespace {

struct Written {
    std::string topic{};
    std::string shell{};
    bool man = false;
};

tool::Result<int> show_help(const CLI::App& app, const Written& written) {
    if (written.man) {
        fmt::print("{}", manual_page(app));
        return 0;
    }
    if (!written.shell.empty()) {
        fmt::print("{}", completion_script(app, written.shell));
        return 0;
    }
    if (written.topic.empty()) {
        fmt::print("{}", app.help());
        return 0;
    }
    for (const auto& [name, command] : tool::command_line::all_commands(app)) {
        if (name == written.topic) {
            fmt::print("{}", command->help(app.get_name()));
            return 0;
        }
    }
    return tool::usage_error("help", written.topic, "no such command", "Run trivisorctl help for the list.");
}

} // namespace

void add_help(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("help", "Show this help, or the help of one command");
    command->add_option("COMMAND", written->topic, "The command to explain");
    command->add_flag("--man", written->man, "Print the manual page");
    command->add_option("--completion", written->shell, "Print a shell completion script")
        ->check(CLI::IsMember({"bash", "zsh"}));
    command->callback([&app, &action, written] {
        action = [&app, written](const consoles::Connect&) { return show_help(app, *written); };
    });
}

} // namespace trv::host::commands
