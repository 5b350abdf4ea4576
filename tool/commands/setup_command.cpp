// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/setup/setup.hpp"

namespace trv::tool::commands {

void add_setup(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("setup", "Fetch and build everything; safe to repeat, works offline afterwards");
    command->callback([&action] {
        action = [](Context& context) -> Result<int> {
            TRY(setup::run_setup(context, {.optees = setup::usual_optees()}));
            context.progress.say("setup: everything is up to date");
            return 0;
        };
    });
}

} // namespace trv::tool::commands
