// SPDX-License-Identifier: Apache-2.0
#include "tool/run/report/failure_report.hpp"

#include "tool/console/printable.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

namespace trv::tool::run {

namespace {

constexpr std::size_t shown_lines = 20;

std::string cause(Ending ending, const MachineSession& session) {
    switch (ending) {
    case Ending::TimeOut:
        return "the run timed out";
    case Ending::Interrupted:
        return "interrupted; the machine was stopped";
    case Ending::Died:
        return "QEMU exited before the hypervisor powered off the machine";
    case Ending::NotReady:
        return "the hypervisor did not start";
    case Ending::Stuck:
        return "the hypervisor did not power off the machine on request; QEMU was stopped";
    case Ending::MachineOff:
        return session.off_reason() == "panic" ? "the hypervisor panicked" : "";
    case Ending::Quit:
        break;
    }
    return "";
}

std::string command_line(const VmSession& vm, const CommandResult& result) {
    const std::string& name = vm.plan().name;
    if (result.status == CommandResult::Status::Exited) {
        return fmt::format("{}: '{}' ended with exit code {}\n", name, result.command, result.exit_code.value_or(-1));
    }
    if (result.status == CommandResult::Status::Crashed) {
        return fmt::format("{}: the VM or its agent died during '{}'\n", name, result.command);
    }
    if (result.status == CommandResult::Status::Panicked) {
        return fmt::format("{}: its kernel panicked during '{}'\n", name, result.command);
    }
    if (result.status == CommandResult::Status::Reset) {
        return fmt::format("{}: the VM was reset during '{}'\n", name, result.command);
    }
    if (result.status == CommandResult::Status::Destroyed) {
        return fmt::format("{}: the VM was destroyed during '{}'\n", name, result.command);
    }
    return fmt::format("{}: '{}' did not {}\n", name, result.command,
                       vm.ready_seconds() ? "finish" : "run: the VM's agent did not respond");
}

std::string vm_report(const VmSession& vm) {
    std::string text;
    if (!vm.trouble().empty()) {
        text += fmt::format("{}: {}: {}\n", vm.plan().name, vm.status(), console::printable(vm.trouble()));
    } else if (vm.crashed()) {
        text += fmt::format("{}: crashed\n", vm.plan().name);
    }
    for (const auto& result : vm.commands()) {
        if (!result.good()) {
            text += command_line(vm, result);
        }
    }
    if (const auto lines = vm.last_lines(); !lines.empty()) {
        text += fmt::format("{}: its console's last lines:\n", vm.plan().name);
        for (const auto& line : lines) {
            text += "  " + console::printable(line) + "\n";
        }
    }
    return text;
}

std::string log_end(const std::filesystem::path& log, const Paths& paths) {
    const std::string lines = last_lines(log, shown_lines);
    return lines.empty() ? "" : fmt::format("{} ends with:\n{}\n", paths.shown(log), lines);
}

} // namespace

std::string failure_report(Ending ending, const MachineSession& session, const run_folder::RunFolder& folder,
                           const Paths& paths) {
    const int code = exit_code(ending, session);
    if (code == 0) {
        return "";
    }
    std::string text = cause(ending, session);
    text += text.empty() ? "" : "\n";
    bool crashed = false;
    for (const auto& vm : session.vms()) {
        text += ending == Ending::Interrupted ? "" : vm_report(vm);
        crashed = crashed || vm.crashed();
    }
    if (code == 3 || crashed) {
        text += log_end(folder.hypervisor_log(), paths);
    }
    if (code == 3) {
        text += log_end(folder.secure_log(), paths) + log_end(folder.qemu_log(), paths);
    }
    return text + fmt::format("Logs: {}", paths.shown(folder.path()));
}

} // namespace trv::tool::run
