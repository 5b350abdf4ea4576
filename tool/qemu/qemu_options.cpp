// SPDX-License-Identifier: Apache-2.0
#include "tool/qemu/qemu_options.hpp"

#include "tool/machine/machine_description.hpp"

#include <fmt/format.h>

namespace trv::tool::qemu {

namespace {

/// QEMU splits option values at commas; a doubled comma is part of the value.
std::string escaped(const std::filesystem::path& path) {
    std::string text;
    for (const char letter : path.string()) {
        text += letter;
        if (letter == ',') {
            text += letter;
        }
    }
    return text;
}

/// acpi=off is needed for the dump as well as for the run: with ACPI the two trees differ in their power-button device.
std::string machine_option(const QemuOptions& options) {
    return std::string{"virt,secure=on,virtualization=on,gic-version=3,acpi=off"} +
           (options.repeatable ? ",dtb-randomness=off" : "");
}

std::vector<std::string> hardware(const QemuOptions& options, const std::string& machine) {
    return {program,
            "-M",
            machine,
            "-cpu",
            "cortex-a57",
            "-smp",
            std::to_string(options.cpus),
            "-m",
            fmt::format("{}M", options.memory / machine::mib),
            "-nic",
            "none",
            "-display",
            "none",
            "-no-reboot"};
}

std::string loader(const std::filesystem::path& file, std::uint64_t address) {
    return fmt::format("loader,file={},addr={:#x},force-raw=on", escaped(file), address);
}

} // namespace

std::vector<std::string> command_line(const QemuOptions& options, int console) {
    std::vector<std::string> line = hardware(options, machine_option(options));
    const auto add = [&line](std::string option, std::string value) {
        line.push_back(std::move(option));
        line.push_back(std::move(value));
    };
    add("-bios", options.flash.string());
    add("-dtb", options.device_tree.string());
    add("-device", loader(options.image, tree::image_address));
    for (const auto& module : options.modules) {
        add("-device", loader(module.file, module.address));
    }
    add("-chardev", fmt::format("socket,id=console,fd={}", console));
    add("-serial", "chardev:console");
    add("-chardev", fmt::format("file,id=secure,path={}", escaped(options.secure_log)));
    add("-serial", "chardev:secure");
    add("-monitor", "none");
    if (!options.exception_log.empty()) {
        add("-d", "int");
        add("-D", options.exception_log.string());
    }
    if (options.instruction_clock) {
        add("-icount", "shift=0,sleep=off");
    }
    if (options.repeatable) {
        add("-rtc", "base=2026-01-01,clock=vm");
    }
    if (options.debugger) {
        add("-gdb", "tcp:127.0.0.1:1234"); // on all interfaces, any network user could control the machine
        line.emplace_back("-S");
    }
    return line;
}

std::vector<std::string> dump_command_line(const QemuOptions& options, const std::filesystem::path& output) {
    return hardware(options, fmt::format("{},dumpdtb={}", machine_option(options), escaped(output)));
}

} // namespace trv::tool::qemu
