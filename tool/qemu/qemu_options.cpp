// SPDX-License-Identifier: Apache-2.0
#include "tool/qemu/qemu_options.hpp"

#include "tool/platform/qemu_arguments.hpp"

#include <fmt/format.h>

namespace trv::tool::qemu {

std::vector<std::string> command_line(const QemuOptions& options, const PortDescriptors& ports) {
    std::vector<std::string> line = platform::hardware_arguments(*options.platform, options.shape());
    const auto add = [&line](std::string option, std::string value) {
        line.push_back(std::move(option));
        line.push_back(std::move(value));
    };
    for (std::string& argument : options.platform->boot(options.firmware, options.device_tree)) {
        line.push_back(std::move(argument));
    }
    add("-device", platform::loader(options.image, options.platform->memory.image_address));
    for (const auto& module : options.modules) {
        add("-device", platform::loader(module.file, module.address));
    }
    if (options.platform->peripherals != nullptr) {
        for (std::string& argument : options.platform->peripherals(options.peripherals)) {
            line.push_back(std::move(argument));
        }
    }
    if (options.agent_port) {
        add("-chardev", fmt::format("socket,id=agent,fd={}", ports.agent));
        add("-device", "virtio-serial-pci");
        add("-device", fmt::format("virtserialport,chardev=agent,name={}", agent_port_name));
    }
    if (!options.reboots) {
        line.emplace_back("-no-reboot");
    }
    add("-chardev", fmt::format("socket,id=console,fd={}", ports.console));
    add("-serial", "chardev:console");
    add("-chardev", fmt::format("file,id=secure,path={}", platform::escaped(options.secure_log)));
    add("-serial", "chardev:secure");
    if (options.power_button) {
        add("-chardev", fmt::format("socket,id=monitor,fd={}", ports.monitor));
        add("-monitor", "chardev:monitor");
    } else {
        add("-monitor", "none");
    }
    if (!options.exception_log.empty()) {
        add("-d", "int");
        add("-D", options.exception_log.string());
    }
    if (options.instruction_clock) {
        // Without devices that answer in the real time, what a machine waits for is skipped. With one, to skip to the next
        // timer while a disk is read would let timers expire without end.
        add("-icount", options.peripherals.disks.empty() && options.peripherals.network == platform::Network::None
                           ? "shift=0,sleep=off"
                           : "shift=0,sleep=on");
    }
    if (options.repeatable) {
        add("-rtc", "base=2026-01-01,clock=vm");
    }
    if (options.debugger) {
        add("-gdb", "tcp:127.0.0.1:1234"); // on all interfaces, any network user could control the machine
        line.emplace_back("-S");
    } else if (options.gdb_listener >= 0) {
        add("-chardev", fmt::format("socket,id=gdb,fd={},server=on,wait=off", options.gdb_listener));
        add("-gdb", "chardev:gdb");
    }
    return line;
}

} // namespace trv::tool::qemu
