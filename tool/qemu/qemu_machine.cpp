// SPDX-License-Identifier: Apache-2.0
#include "tool/qemu/qemu_machine.hpp"

#include "tool/platform/qemu_arguments.hpp"
#include "tool/tree/core_seed.hpp"
#include "tool/tree/fixed_seed.hpp"

#include <tuple>
#include <utility>

namespace trv::tool::qemu {

Result<QemuMachine> QemuMachine::start(const QemuOptions& options, const std::filesystem::path& log) {
    auto [console, its_console] = TRY(Port::create());
    std::optional<Port> agent;
    std::optional<Port> monitor;
    FileDescriptor its_agent;
    FileDescriptor its_monitor;
    if (options.agent_port) {
        std::tie(agent, its_agent) = TRY(Port::create());
    }
    if (options.power_button) {
        std::tie(monitor, its_monitor) = TRY(Port::create());
    }
    const PortDescriptors ports{.console = its_console.get(), .agent = its_agent.get(), .monitor = its_monitor.get()};
    Command command{.arguments = command_line(options, ports), .log = log};
    for (const int descriptor : {ports.console, ports.agent, ports.monitor, options.gdb_listener}) {
        if (descriptor >= 0) {
            command.inherited.push_back(descriptor);
        }
    }
    return QemuMachine{TRY(Process::start(command)), std::move(console), std::move(agent), std::move(monitor)};
}

void QemuMachine::press_power_button() {
    if (monitor_) {
        monitor_->write("system_powerdown\n");
        monitor_->flush();
    }
}

Result<std::string> hardware_tree(const QemuOptions& options, const std::filesystem::path& folder) {
    std::string tree = TRY(options.platform->hardware_tree(options.shape(), folder));
    if (options.repeatable) {
        tree = TRY(tree::add_fixed_seed(tree));
    }
    return options.core_stays ? tree::remove_core_seed(tree) : Result<std::string>{std::move(tree)};
}

Result<std::string> qemu_version(const std::vector<std::string>& emulator) {
    std::vector<std::string> line = emulator;
    line.emplace_back("--version");
    const std::string text = TRY(capture("QEMU's version", {.arguments = std::move(line)}));
    return text.substr(0, text.find('\n'));
}

} // namespace trv::tool::qemu
