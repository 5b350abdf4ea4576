// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/commands/definitions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace trv::tool::commands {

namespace {

struct Written {
    std::vector<std::string> topic{}; // a command, or a command and its subcommand
    bool man = false;
};

Result<int> show_help(const CLI::App& app, const Written& written) {
    if (written.man) {
        fmt::print("{}", manual_page(app));
        return 0;
    }
    if (written.topic.empty()) {
        fmt::print("{}", app.help());
        return 0;
    }
    const auto wanted = fmt::format("{}", fmt::join(written.topic, " "));
    for (const auto& [name, command] : all_commands(app)) {
        if (name == wanted) {
            const std::size_t above = name.rfind(' '); // help() adds the command's own name
            fmt::print("{}",
                       command->help("trivisor" + (above == std::string::npos ? "" : " " + name.substr(0, above))));
            return 0;
        }
    }
    return usage_error("help", wanted, "no such command", "Run ./trivisor help for the list.");
}

} // namespace

void add_help(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("help", "Show this help, or the help of one command");
    command->add_option("COMMAND", written->topic, "The command to explain");
    command->add_flag("--man", written->man, "Print the manual page: ./trivisor help --man | man -l -");
    command->callback(
        [&app, &action, written] { action = [&app, written](Context&) { return show_help(app, *written); }; });
}

} // namespace trv::tool::commands
