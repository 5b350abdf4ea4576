// SPDX-License-Identifier: Apache-2.0
#include "tool/run/report/summary_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::run {

namespace {

std::string boot_line(const VmSession& vm, std::size_t width) {
    std::string line = fmt::format("{:<{}}  ", vm.plan().name, width);
    if (!vm.boot_seconds()) {
        return line + "did not start";
    }
    line += fmt::format("started {:.1f} ms after EL2 was entered", *vm.boot_seconds() * 1000);
    return vm.ready_seconds() ? line + fmt::format(", ready after {:.1f} s on this host", *vm.ready_seconds()) : line;
}

} // namespace

std::string summary_table(const MachineSession& session) {
    std::size_t name_width = 2;
    std::size_t command_width = 7;
    for (const auto& vm : session.vms()) {
        name_width = std::max(name_width, vm.plan().name.size());
        for (const auto& result : vm.commands()) {
            command_width = std::max(command_width, result.command.size());
        }
    }
    std::string table = fmt::format("{:<{}}  {:<{}}  result\n", "VM", name_width, "command", command_width);
    for (const auto& vm : session.vms()) {
        for (const auto& result : vm.commands()) {
            table += fmt::format("{:<{}}  {:<{}}  {}", vm.plan().name, name_width, result.command, command_width,
                                 word_for(result));
            table += result.exit_code && *result.exit_code != 0 ? fmt::format(" ({})\n", *result.exit_code) : "\n";
        }
    }
    table += '\n';
    for (const auto& vm : session.vms()) {
        table += boot_line(vm, name_width) + '\n';
    }
    return table;
}

} // namespace trv::tool::run
