#include "tool/commands/command_line.hpp"
#include "tool/run/demo.hpp"

namespace trv::tool::commands {

void add_demo(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("demo", "Boot a Debian VM on Trivisor, run commands in it, show a summary");
    command->callback(
        [&action] { action = [](Context& context) { return runs::run_demo(context.paths, context.progress); }; });
}

} // namespace trv::tool::commands
