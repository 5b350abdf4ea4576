// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/demo/demo.hpp"

namespace trv::tool::commands {

void add_demo(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand(
        "demo",
        "Boot two Debian VMs, run hello_world and xtest in both against their own OP-TEE, and summarise the results");
    command->callback([&action] { action = [](Context& context) { return demo::run_demo(context); }; });
}

} // namespace trv::tool::commands
