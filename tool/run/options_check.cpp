// SPDX-License-Identifier: Apache-2.0
#include "tool/run/options_check.hpp"

#include "contract/limits.hpp"
#include "tool/machine/readers/table_reader.hpp"
#include "tool/machine/values/spelling.hpp"
#include "tool/run/preparation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::run {

namespace {

using machine::MachineDescription;
using machine::VmDescription;

Result<void> check_overlay(const std::string& name, const std::filesystem::path& folder, const RunOptions& options,
                           const MachineDescription& machine) {
    TRY(check_vm("--overlay", name, machine));
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) {
        return usage_error("--overlay", name, folder.string() + " is not a folder",
                           "Name the folder to overlay on the VM's root file system.");
    }
    if (std::ranges::count(options.overlays, name, &std::pair<std::string, std::filesystem::path>::first) > 1) {
        return usage_error("--overlay", name, "the VM has two overlays", "Merge them into one folder.");
    }
    if (std::ranges::find(machine.vms, name, &VmDescription::name)->rootfs.empty()) {
        return usage_error("--overlay", name, "the VM has no root file system to overlay",
                           "Give it rootfs = \"demo\".");
    }
    return {};
}

} // namespace

Result<void> check_vm(const std::string& option, const std::string& name, const MachineDescription& machine) {
    std::vector<std::string_view> names;
    for (const auto& vm : machine.vms) {
        names.push_back(vm.name);
    }
    if (std::ranges::find(names, name) != names.end()) {
        return {};
    }
    const auto meant = machine::nearest(name, names);
    return usage_error(option, name, fmt::format("no such VM in {}", machine.file.string()),
                       fmt::format("{} '{}'{}", meant ? "Did you mean" : "Its first is", meant.value_or(names.front()),
                                   meant ? "?" : "."));
}

Result<void> check_command_line(const VmDescription& vm, const RunOptions& options, const std::string& root) {
    const std::size_t size = boot_arguments(vm, options, root).size();
    if (size <= contract::max_bootargs) {
        return {};
    }
    const std::size_t ours = size - vm.cmdline.size();
    const std::size_t room = contract::max_bootargs - ours;
    return machine::wrong_at(
        vm.cmdline_place,
        fmt::format("{} bytes are {} too many: a kernel takes {}, and Trivisor's own parameters take {} of them",
                    vm.cmdline.size(), vm.cmdline.size() - room, contract::max_bootargs, ours),
        fmt::format("Shorten it to {} bytes.", room));
}

Result<void> check_options(const RunOptions& options, const MachineDescription& machine) {
    for (const auto& [name, command] : options.commands) {
        TRY(check_vm("--exec", name, machine));
        const auto vm = std::ranges::find(machine.vms, name, &VmDescription::name);
        // Bare-metal guests have their commands built in.
        if (vm->rootfs.empty() && !vm->is_built_guest() && !vm->boots_from_disk()) {
            return usage_error("--exec", name, "the VM has no root file system, so it cannot run commands",
                               "Give it rootfs = \"demo\".");
        }
    }
    for (const auto& [name, folder] : options.overlays) {
        TRY(check_overlay(name, folder, options, machine));
    }
    for (const auto& vm : machine.vms) {
        TRY(check_command_line(vm, options));
        if (vm.boots_from_disk() && !options.bare && !vm.has_machine_devices()) {
            return machine::wrong_at(vm.kernel_place,
                                     "needs the machine's disk, and the VM has no devices of the machine",
                                     "Give the VM devices = \"all\".");
        }
    }
    return options.attach.empty() ? Result<void>{} : check_vm("--attach", options.attach, machine);
}

} // namespace trv::tool::run
