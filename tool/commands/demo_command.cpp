#include "tool/commands/command_line.hpp"
#include "tool/demo/demo.hpp"

namespace trv::tool::commands {

void add_demo(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "demo", "Two Debian VMs at once, hello_world and xtest against an OP-TEE of each, a summary");
    command->callback(
        [&action] { action = [](Context& context) { return demo::run_demo(context.paths, context.progress); }; });
}

} // namespace trv::tool::commands
