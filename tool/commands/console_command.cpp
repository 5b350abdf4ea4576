// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/control/console_session.hpp"
#include "tool/control/running_machines.hpp"

#include <memory>

namespace trv::tool::commands {

void add_console(CLI::App& app, Action& action) {
    struct Written {
        std::string vm{};
        std::string machine{};
    };
    const auto written = std::make_shared<Written>();
    CLI::App* command =
        app.add_subcommand("console", "Attach your terminal to the console of a VM that another `run` started");
    command->add_option("VM", written->vm, "The VM")->required();
    command->add_option("--machine", written->machine, "The machine, if several are running");
    command->callback([&action, written] {
        action = [written](Context& context) -> Result<int> {
            const auto folder = TRY(control::find_running(context.paths, written->machine));
            TRY(control::run_console(folder, written->vm));
            return 0;
        };
    });
}

} // namespace trv::tool::commands
