#include "tool/run/preparation.hpp"

#include "tool/firmware/firmware_build.hpp"
#include "tool/guest/initramfs.hpp"
#include "tool/guest/kernel.hpp"
#include "tool/machine/byte_size.hpp"
#include "tool/machine/spelling.hpp"
#include "tool/machine/table_reader.hpp"
#include "tool/qemu/qemu_machine.hpp"
#include "tool/setup/hypervisor_build.hpp"
#include "tool/support/files.hpp"
#include "tool/tree/machine_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace trv::tool::runs {

namespace {

using machine::MachineDescription;
using machine::VmDescription;

constexpr std::string_view guest_kernel = "guest:"; // a bare-metal guest that is built with the hypervisor

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

/// An error in something that a key of the description names is an error of the description.
template <typename Value>
Result<Value> blame(Result<Value> result, const machine::KeyPlace& at) {
    if (result || result.error().kind == ErrorKind::Usage) {
        return result;
    }
    const Error& error = result.error();
    return machine::wrong_at(at, error.place.empty() ? error.what : error.place + ": " + error.what, error.hint);
}

Result<std::filesystem::path> find_kernel(const Paths& paths, const VmDescription& vm) {
    if (!vm.kernel.starts_with(guest_kernel)) {
        return blame(guest::kernel_image(paths, vm.kernel), vm.kernel_place);
    }
    const auto file = paths.hypervisor_build() / "guests" / (vm.kernel.substr(guest_kernel.size()) + ".bin");
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        return machine::wrong_at(vm.kernel_place, fmt::format("no such bare-metal guest: '{}'", vm.kernel),
                                 "Name a guest from the folder guests/.");
    }
    return file;
}

/// Composes ram disks, one for all VMs that want the same.
class RamdiskMaker {
  public:
    RamdiskMaker(const Paths& paths, const RunFolder& folder, const RunOptions& options)
        : paths_{paths}, folder_{folder}, options_{options} {}

    Result<std::filesystem::path> make(const VmDescription& vm) {
        const auto overlay =
            std::ranges::find(options_.overlays, vm.name, [](const auto& entry) { return entry.first; });
        std::optional<std::filesystem::path> tree;
        if (overlay != options_.overlays.end()) {
            tree = overlay->second;
        }
        auto& made = made_[{vm.kernel, vm.rootfs, tree}];
        if (made.empty()) {
            made = TRY(blame(guest::compose_initramfs(paths_, vm.kernel, vm.rootfs, tree, folder_.ramdisk(vm.name)),
                             vm.rootfs_place));
        }
        return made;
    }

  private:
    using Key = std::tuple<std::string, std::string, std::optional<std::filesystem::path>>;
    const Paths& paths_;
    const RunFolder& folder_;
    const RunOptions& options_;
    std::map<Key, std::filesystem::path> made_;
};

Result<void> check_memory(const MachineDescription& machine, std::uint64_t module_bytes) {
    std::uint64_t wanted = machine::hypervisor_reserve + module_bytes;
    for (const auto& vm : machine.vms) {
        wanted += vm.memory;
    }
    if (wanted <= machine.memory) {
        return {};
    }
    return machine::wrong_at(
        machine.memory_place,
        fmt::format("{} is too little: the VMs, their kernels and ram disks ({}) and the hypervisor "
                    "need {}",
                    machine::format_size(machine.memory), machine::format_size(module_bytes),
                    machine::format_size(wanted)),
        "Raise [machine] memory, or lower the VMs'.");
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

Result<void> check_options(const RunOptions& options, const MachineDescription& machine) {
    for (const auto& [name, command] : options.commands) {
        TRY(check_vm("--exec", name, machine));
        const auto vm = std::ranges::find(machine.vms, name, &VmDescription::name);
        // Bare-metal guests have their commands built in.
        if (vm->rootfs.empty() && !vm->kernel.starts_with(guest_kernel)) {
            return usage_error("--exec", name, "the VM has no root file system, so it cannot run commands",
                               "Give it rootfs = \"demo\".");
        }
    }
    for (const auto& [name, folder] : options.overlays) {
        TRY(check_overlay(name, folder, options, machine));
    }
    return options.attach.empty() ? Result<void>{} : check_vm("--attach", options.attach, machine);
}

std::vector<VmPlan> make_plans(const RunOptions& options, const MachineDescription& machine) {
    std::vector<VmPlan> plans;
    for (const auto& vm : machine.vms) {
        VmPlan plan{.name = vm.name,
                    .has_tee = vm.tee.has_value(),
                    .has_agent = vm.rootfs == "demo",
                    .restarts_on_reboot = vm.on_reboot == machine::OnReboot::Restart,
                    .restarts_on_crash = vm.on_crash == machine::OnCrash::Restart};
        for (const auto& [name, command] : options.commands) {
            if (name == vm.name) {
                plan.commands.push_back(command);
                plan.has_agent = true; // the user says so, by asking for a command
            }
        }
        plans.push_back(std::move(plan));
    }
    return plans;
}

std::string boot_arguments(const VmDescription& vm, const RunOptions& options) {
    std::string arguments;
    if (!vm.rootfs.empty()) {
        arguments = fmt::format("console=ttyAMA0 trivisor.mode={} trivisor.name={}",
                                options.interactive() ? "shell" : "exec", vm.name);
    }
    if (!vm.cmdline.empty()) {
        arguments += (arguments.empty() ? "" : " ") + vm.cmdline;
    }
    return arguments;
}

Result<qemu::QemuOptions> prepare_machine(const Paths& paths, const RunFolder& folder, const RunOptions& options,
                                          const MachineDescription& machine) {
    tree::ModuleLayout layout{machine.memory};
    RamdiskMaker ramdisks{paths, folder, options};
    std::vector<tree::VmNode> nodes;
    for (const auto& vm : machine.vms) {
        tree::VmNode node{.vm = vm,
                          .kernel = TRY(layout.place(TRY(find_kernel(paths, vm)))),
                          .ramdisk = std::nullopt,
                          .bootargs = boot_arguments(vm, options)};
        if (!vm.rootfs.empty()) {
            node.ramdisk = TRY(layout.place(TRY(ramdisks.make(vm))));
        }
        nodes.push_back(std::move(node));
    }
    TRY(check_memory(machine, layout.bytes()));
    qemu::QemuOptions result{.cpus = machine.cpus,
                             .memory = machine.memory,
                             .flash = firmware::flash_path(paths, firmware::OpteeVariant::Virtualized),
                             .device_tree = folder.device_tree(),
                             .image = TRY(setup::hypervisor_image(paths, options.config)).binary(),
                             .modules = layout.modules(),
                             .secure_log = folder.secure_log(),
                             .instruction_clock = options.instruction_clock,
                             .repeatable = options.instruction_clock,
                             .debugger = options.debugger};
    const auto trace_bytes =
        options.trace.empty() ? std::nullopt : std::optional{static_cast<std::uint32_t>(options.trace_buffer)};
    const std::string hardware = TRY(qemu::hardware_tree(result, folder.path()));
    TRY(write_file(folder.device_tree(), TRY(tree::compile_tree(hardware, nodes, trace_bytes))));
    return result;
}

} // namespace trv::tool::runs
