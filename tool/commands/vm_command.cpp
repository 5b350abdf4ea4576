// SPDX-License-Identifier: Apache-2.0
#include "contract/events.hpp"
#include "contract/monitor.hpp"
#include "tool/commands/command_line.hpp"
#include "tool/control/control_client.hpp"
#include "tool/control/running_machines.hpp"
#include "tool/control/vm_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace trv::tool::commands {

namespace {

struct Written {
    std::string action{};
    std::string vm{};
    std::string machine{};
    bool json = false;
};

namespace monitor = contract::monitor;

std::vector<std::string> actions() {
    std::vector<std::string> names;
    for (const monitor::Row& row : monitor::rows) {
        if (row.in_tool != monitor::InTool::No) {
            names.emplace_back(row.name);
        }
    }
    return names;
}

/// The row of an action, which the parser of the command line has checked.
const monitor::Row& row_of(const std::string& action) {
    return *std::ranges::find(monitor::rows, action, &monitor::Row::name);
}

bool is_about_all(const monitor::Row& row) {
    return row.in_tool == monitor::InTool::YesAboutAllVms;
}

std::string monitor_line(const Written& written) {
    const bool argument = !is_about_all(row_of(written.action)) && !written.vm.empty();
    return written.action + (argument ? " " + written.vm : "");
}

Result<int> run_vm_command(const Context& context, const Written& written) {
    const monitor::Row& row = row_of(written.action);
    if (row.argument == monitor::Argument::Vm && written.vm.empty()) {
        return usage_error("vm", written.action, "needs a VM", "Give the VM's name after the action.");
    }
    const auto folder = TRY(control::find_running(context.paths, written.machine));
    auto reply = TRY(control::ask_monitor(folder, monitor_line(written)));
    const bool good = reply.value(name_of(contract::Member::Ok), false);
    if (good && !written.vm.empty() && is_about_all(row) && !control::keep_vm(reply, written.vm)) {
        return usage_error("vm", written.vm, "no such VM in this machine", "Run `trivisor vm list` for the names.");
    }
    if (written.json) {
        fmt::print("{}\n", reply.dump(2));
    } else if (good) {
        fmt::print("{}", control::table_for(row.command, reply));
    } else {
        fmt::print(stderr, "trivisor: {} {}: {}\n", written.action, written.vm,
                   reply.value(name_of(contract::Member::Error), "refused by the monitor"));
    }
    return good ? 0 : 1;
}

} // namespace

void add_vm(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("vm", "Show or control the VMs of a machine that another `run` started");
    const std::vector<std::string> names = actions();
    command
        ->add_option("ACTION", written->action,
                     fmt::format("{} or {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back()))
        ->required()
        ->check(CLI::IsMember(names));
    command->add_option("VM", written->vm,
                        "The VM; list and stats default to all. With log: the number of lines; "
                        "with trace: start, stop or dump");
    command->add_option("--machine", written->machine, "The machine, if several are running");
    command->add_flag("--json", written->json, "Print the monitor's reply as JSON");
    command->callback(
        [&action, written] { action = [written](Context& context) { return run_vm_command(context, *written); }; });
}

} // namespace trv::tool::commands
