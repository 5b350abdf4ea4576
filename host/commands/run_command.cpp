// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/run/vm_run.hpp"
#include "host/vms/description.hpp"
#include "tool/command_line/assignment.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

namespace trv::host::commands {

void add_run(CLI::App& app, Action& action) {
    struct Written {
        std::string file{};
        std::vector<std::string> commands{};
        double timeout = 0;
        bool json = false;
    };
    const auto written = std::make_shared<Written>();
    CLI::App* command =
        app.add_subcommand("run", "Create the VMs of a file, run them and end them: with --exec until the "
                                  "commands end, otherwise until all VMs have stopped");
    command->add_option("FILE", written->file, "The file with the VMs (TOML)")->required();
    // One value each: a command may start with anything, and the next word is the next option.
    command->add_option("--exec", written->commands, "VM=COMMAND: run a command in a VM; repeatable")
        ->allow_extra_args(false);
    command->add_option("--timeout", written->timeout, "End the VMs after this many seconds, with exit code 124")
        ->check(CLI::PositiveNumber);
    command->add_flag("--json", written->json, "Print each VM's results as JSON; consoles go to standard error");
    command->callback([&action, written] {
        action = [written](const consoles::Connect& connect) -> tool::Result<int> {
            run::VmRunOptions options{.json = written->json};
            for (const auto& text : written->commands) {
                options.commands.push_back(TRY(tool::command_line::parse_assignment("--exec", text)));
            }
            if (written->timeout > 0) {
                options.timeout = written->timeout;
            }
            return run::run_vms(connect, TRY(vms::read_vms(written->file)), options);
        };
    });
}

} // namespace trv::host::commands
