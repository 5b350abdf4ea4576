// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/control/control_client.hpp"
#include "tool/control/running_machines.hpp"
#include "tool/control/vm_tables.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace trv::tool::commands {

namespace {

struct Written {
    std::string action{};
    std::string vm{};
    std::string machine{};
    bool json = false;
};

bool is_question(const std::string& action) {
    return action == "list" || action == "stats";
}

/// Actions that are not about a VM: they take their own argument, or none.
bool is_of_machine(const std::string& action) {
    return action == "log" || action == "trace";
}

std::string monitor_line(const Written& written) {
    const bool argument = !is_question(written.action) && !written.vm.empty();
    return written.action + (argument ? " " + written.vm : "");
}

Result<int> run_vm_command(const Context& context, const Written& written) {
    if (!is_question(written.action) && !is_of_machine(written.action) && written.vm.empty()) {
        return usage_error("vm", written.action, "needs a VM", "Give the VM's name after the action.");
    }
    const auto folder = TRY(control::find_running(context.paths, written.machine));
    auto reply = TRY(control::ask_monitor(folder, monitor_line(written)));
    const bool good = reply.value("ok", false);
    if (good && !written.vm.empty() && is_question(written.action) && !control::keep_vm(reply, written.vm)) {
        return usage_error("vm", written.vm, "no such VM in this machine", "Run `trivisor vm list` for the names.");
    }
    if (written.json) {
        fmt::print("{}\n", reply.dump(2));
    } else if (good) {
        fmt::print("{}", control::table_for(written.action, reply));
    } else {
        fmt::print(stderr, "trivisor: {} {}: {}\n", written.action, written.vm,
                   reply.value("error", "refused by the monitor"));
    }
    return good ? 0 : 1;
}

} // namespace

void add_vm(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("vm", "Show or control the VMs of a machine that another `run` started");
    command->add_option("ACTION", written->action, "list, stats, pause, resume, reset, destroy, start, log or trace")
        ->required()
        ->check(CLI::IsMember({"list", "stats", "pause", "resume", "reset", "destroy", "start", "log", "trace"}));
    command->add_option("VM", written->vm,
                        "The VM; list and stats default to all. With log: the number of lines; "
                        "with trace: start, stop or dump");
    command->add_option("--machine", written->machine, "The machine, if several are running");
    command->add_flag("--json", written->json, "Print the monitor's reply as JSON");
    command->callback(
        [&action, written] { action = [written](Context& context) { return run_vm_command(context, *written); }; });
}

} // namespace trv::tool::commands
