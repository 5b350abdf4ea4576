#include "tool/commands/command_line.hpp"

#include <fmt/format.h>

#include <memory>

namespace trv::tool::commands {

void add_help(CLI::App& app, Action& action) {
    const auto topic = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("help", "Show this help, or that of a command");
    command->add_option("COMMAND", *topic, "The command to explain");
    command->callback([&app, &action, topic] {
        action = [&app, topic](Context&) -> Result<int> {
            const auto named = app.get_subcommands([&](const CLI::App* known) { return known->get_name() == *topic; });
            if (!topic->empty() && named.empty()) {
                return usage_error("help", *topic, "there is no such command", "See ./trivisor help.");
            }
            fmt::print("{}", topic->empty() ? app.help() : named.front()->help("trivisor"));
            return 0;
        };
    });
}

} // namespace trv::tool::commands
