// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/commands/monitor_reply.hpp"
#include "tool/control/vm_tables.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <memory>

namespace trv::host::commands {

namespace {

using contract::monitor::Command;
using tool::Result;

/// A command that the monitor has, under the name that it has here.
struct MonitorCommand {
    const char* name;
    Command command;
    const char* help;
};

constexpr std::array<MonitorCommand, 8> commands{{
    {"list", Command::List, "Show the VMs and their states"},
    {"stats", Command::Stats, "Show time, exits and memory of each VM and CPU"},
    {"start", Command::Start, "Start a VM that was created, or has stopped"},
    {"stop", Command::Destroy, "End a VM and keep it for the next start"},
    {"reset", Command::Reset, "Restart a VM, as after a power cycle"},
    {"pause", Command::Pause, "Stop a VM's vCPUs and its time"},
    {"resume", Command::Resume, "Continue a VM after pause"},
    {"log", Command::Log, "Show the last lines of the hypervisor's log"},
}};

struct Written {
    std::string argument{};
    bool json = false;
};

Result<int> run_monitor_command(const consoles::Connect& connect, const MonitorCommand& command,
                                const Written& written) {
    auto manager = TRY(connect());
    const bool about_all = command.command == Command::List || command.command == Command::Stats;
    auto reply = TRY(ask(manager, command.command, about_all ? "" : written.argument));
    if (command.command == Command::Destroy) {
        TRY(await_end(manager, written.argument));
    }
    if (about_all && !written.argument.empty() && !tool::control::keep_vm(reply, written.argument)) {
        return tool::usage_error(command.name, written.argument, "no such VM", "Run trivisorctl list for the names.");
    }
    fmt::print("{}", written.json ? reply.dump(2) + "\n" : tool::control::table_for(command.command, reply));
    return 0;
}

} // namespace

void add_monitor_commands(CLI::App& app, Action& action) {
    for (const MonitorCommand& row : commands) {
        const auto written = std::make_shared<Written>();
        CLI::App* command = app.add_subcommand(row.name, row.help);
        const bool log = row.command == Command::Log;
        const bool about_all = row.command == Command::List || row.command == Command::Stats;
        command
            ->add_option(log ? "LINES" : "VM", written->argument,
                         log         ? "How many lines (default 20)"
                         : about_all ? "The VM (default: all)"
                                     : "The VM")
            ->required(!log && !about_all);
        command->add_flag("--json", written->json, "Print the hypervisor's reply as JSON");
        command->callback([&action, &row, written] {
            action = [&row, written](const consoles::Connect& connect) {
                return run_monitor_command(connect, row, *written);
            };
        });
    }
}

} // namespace trv::host::commands
