// SPDX-License-Identifier: Apache-2.0
#include "tool/run/preparation.hpp"

#include "contract/bundle.hpp"
#include "tool/disk/boot_files.hpp"
#include "tool/guest/boot_arguments.hpp"
#include "tool/guest/cpio_writer.hpp"
#include "tool/guest/firmware.hpp"
#include "tool/guest/kernel/kernel.hpp"
#include "tool/guest/memory_need.hpp"
#include "tool/guest/rootfs/initramfs.hpp"
#include "tool/machine/readers/disk_reader.hpp"
#include "tool/machine/readers/table_reader.hpp"
#include "tool/machine/values/byte_size.hpp"
#include "tool/machine/values/firmware_name.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/qemu/qemu_machine.hpp"
#include "tool/run/options_check.hpp"
#include "tool/setup/hypervisor_build.hpp"
#include "tool/support/files.hpp"
#include "tool/tree/bare_tree.hpp"
#include "tool/tree/machine_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace trv::tool::run {

namespace {

using machine::MachineDescription;
using machine::VmDescription;

constexpr std::string_view without_prompt = " systemd.mask=serial-getty@ttyAMA0.service";

/// Reports an error in a file that the description names as an error of the description.
template <typename Value>
Result<Value> blame(Result<Value> result, const machine::KeyPlace& at) {
    if (result || result.error().kind == ErrorKind::Usage) {
        return result;
    }
    const Error& error = result.error();
    return machine::wrong_at(at, error.place.empty() ? error.what : error.place + ": " + error.what, error.hint);
}

Result<std::filesystem::path> find_kernel(const Paths& paths, const VmDescription& vm) {
    if (!vm.is_built_guest()) {
        return blame(guest::kernel_image(paths, vm.kernel), vm.kernel_place);
    }
    const auto file = paths.hypervisor_build() / "guests" / (vm.kernel.substr(machine::built_guest.size()) + ".bin");
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        return machine::wrong_at(vm.kernel_place, fmt::format("no such bare-metal guest: '{}'", vm.kernel),
                                 "Name a guest from the folder guests/.");
    }
    return file;
}

/// Composes ram disks; VMs with the same contents share one.
class RamdiskMaker {
  public:
    RamdiskMaker(const Paths& paths, const run_folder::RunFolder& folder, const RunOptions& options)
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
    const run_folder::RunFolder& folder_;
    const RunOptions& options_;
    std::map<Key, std::filesystem::path> made_;
};

/// If a file does not fit, the machine lacks memory, whichever VM it is for.
Result<tree::Module> place_module(tree::ModuleLayout& layout, const std::filesystem::path& file,
                                  const MachineDescription& machine) {
    auto placed = layout.place(file);
    if (placed || placed.error().kind != ErrorKind::Usage) {
        return placed;
    }
    return machine::wrong_at(machine.memory_place,
                             fmt::format("{} is too little: {} {}", machine::format_size(machine.memory),
                                         placed.error().place, placed.error().what),
                             placed.error().hint);
}

Result<void> check_guest_memory(const tree::VmNode& node) {
    const auto ramdisk = node.ramdisk ? std::optional{node.ramdisk->size} : std::nullopt;
    if (node.vm.has_firmware()) { // which decides where a kernel goes
        return guest::check_memory(node.vm, {.kernel = node.kernel.size, .ramdisk = 2 * ramdisk.value_or(0)});
    }
    return guest::check_memory(node.vm,
                               TRY(blame(guest::memory_need(node.kernel.file, ramdisk), node.vm.kernel_place)));
}

/// What a VM boots.
struct Boot {
    std::filesystem::path kernel{};
    std::optional<std::filesystem::path> ramdisk{};
    std::string arguments{};
    std::uint32_t firmware_size = 0; // at the start of the kernel's file
};

/// The file of a VM's firmware.
std::filesystem::path firmware_file(const Paths& paths, const VmDescription& vm) {
    const machine::KnownFirmware* known = machine::find_firmware(vm.firmware);
    return known == nullptr ? std::filesystem::path{vm.firmware}
                            : packages::PackageStore{paths}.tree(known->package_id()) / known->file;
}

class BootFinder {
  public:
    BootFinder(const Paths& paths, const run_folder::RunFolder& folder, const RunOptions& options,
               const std::vector<platform::Disk>& disks)
        : paths_{paths}, folder_{folder}, options_{options}, disks_{disks}, ramdisks_{paths, folder, options} {}

    Result<Boot> find(const VmDescription& vm) {
        if (vm.boots_from_disk()) {
            return find_on_disk(vm);
        }
        Boot boot{.arguments = boot_arguments(vm, options_)};
        if (!vm.kernel.empty()) {
            boot.kernel = TRY(find_kernel(paths_, vm));
        }
        if (vm.has_firmware()) {
            TRY(put_behind_firmware(vm, boot));
        }
        if (!vm.rootfs.empty()) {
            boot.ramdisk = TRY(ramdisks_.make(vm));
        }
        return boot;
    }

  private:
    Result<void> put_behind_firmware(const VmDescription& vm, Boot& boot) {
        const auto file = firmware_file(paths_, vm);
        const std::string kernel = boot.kernel.empty() ? "" : TRY(read_file(boot.kernel));
        const auto image =
            TRY(blame(guest::firmware_image(TRY(read_file(file)), file.string(), kernel), vm.firmware_place));
        boot.kernel = folder_.path() / (vm.name + ".firmware");
        boot.firmware_size = image.firmware_size;
        return write_file(boot.kernel, image.bytes);
    }

    Result<Boot> find_on_disk(const VmDescription& vm) {
        if (!disks_.front().raw) {
            return machine::wrong_at(vm.kernel_place, "is on a qcow2 image, which only QEMU can read",
                                     "Make it a raw image: qemu-img convert -O raw.");
        }
        auto taken = TRY(blame(disk::take_boot_files(disks_.front().file, folder_.path()), vm.kernel_place));
        TRY(check_command_line(vm, options_, taken.root));
        return Boot{.kernel = std::move(taken.kernel),
                    .ramdisk = std::move(taken.ramdisk),
                    .arguments = boot_arguments(vm, options_, taken.root)};
    }

    const Paths& paths_;
    const run_folder::RunFolder& folder_;
    const RunOptions& options_;
    const std::vector<platform::Disk>& disks_;
    RamdiskMaker ramdisks_;
};

Result<void> check_memory(const MachineDescription& machine, const std::vector<tree::VmNode>& nodes,
                          std::uint64_t module_bytes) {
    std::uint64_t wanted = machine.reserve() + module_bytes;
    for (const auto& node : nodes) {
        wanted += node.vm.memory;
        wanted += node.vm.has_firmware() ? guest::flash_memory(node.vm.firmware_size) : 0;
    }
    if (wanted <= machine.memory) {
        return {};
    }
    return machine::wrong_at(
        machine.memory_place,
        fmt::format("{} is too little: the VMs, their kernels and ram disks ({}){} and the hypervisor "
                    "need {}",
                    machine::format_size(machine.memory), machine::format_size(module_bytes),
                    machine.optee_ram() == 0 ? "" : ", OP-TEE (" + machine::format_size(machine.optee_ram()) + ")",
                    machine::format_size(wanted)),
        "Raise [machine] memory, or lower the VMs'.");
}

} // namespace

firmware::Optee optee_of(const RunOptions& options, const MachineDescription& machine) {
    return options.bare ? without_virtualization(machine.optee, machine.platform->firmware.optee_memory.secure)
                        : machine.optee;
}

std::vector<VmPlan> make_plans(const RunOptions& options, const MachineDescription& machine) {
    std::vector<VmPlan> plans;
    for (const auto& vm : machine.vms) {
        VmPlan plan{.name = vm.name,
                    .has_tee = vm.tee.has_value(),
                    .has_agent = vm.rootfs == "demo" ||
                                 (vm.boots_from_disk() && machine::is_made_image(machine.disks.front().image)),
                    .restarts_on_reboot = vm.on_reboot == contract::OnReboot::Restart,
                    .restarts_on_crash = vm.on_crash == contract::OnCrash::Restart,
                    .runs_linux = (!vm.rootfs.empty() && !vm.is_built_guest()) || vm.boots_from_disk()};
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

std::string boot_arguments(const VmDescription& vm, const RunOptions& options, const std::string& root) {
    if (vm.boots_from_disk()) {
        // A prompt would mix with the output of commands.
        return guest::with_own(
            vm.cmdline, fmt::format("console=ttyAMA0 root={}{}", root, options.interactive() ? "" : without_prompt));
    }
    return guest::initramfs_arguments(vm, options.interactive() ? guest::Mode::Shell : guest::Mode::Exec);
}

namespace {

/// For which Debian builds its OP-TEE [mk/config.mk, CFG_VIRT_GUEST_COUNT].
constexpr std::uint32_t debians_partitions = 2;

tree::MachineNode machine_node(const RunOptions& options, const MachineDescription& machine) {
    tree::MachineNode node;
    if (!options.trace.empty()) {
        node.trace_bytes = static_cast<std::uint32_t>(options.trace_buffer);
    }
    if (const firmware::OpteeBuild* build = firmware::source_build(machine.optee)) {
        node.address_spaces = build->address_spaces;
        node.partitions = build->vms;
    } else {
        node.partitions = debians_partitions;
    }
    return node;
}

/// The images of a bundle; a file that several VMs use is in it once.
class BundledImages {
  public:
    Result<tree::Module> add(const std::filesystem::path& file) {
        std::string& member = members_[file];
        if (member.empty()) {
            member = fmt::format("images/{}", members_.size());
        }
        std::error_code problem;
        const std::uint64_t size = std::filesystem::file_size(file, problem);
        return problem ? Result<tree::Module>{failure(file.string(), "cannot be read: " + problem.message())}
                       : tree::Module{.file = file, .address = 0, .size = size, .member = member};
    }
    Result<void> write(guest::CpioWriter& archive) const {
        for (const auto& [file, member] : members_) {
            TRY(archive.add_file(member, TRY(read_file(file))));
        }
        return {};
    }

  private:
    std::map<std::filesystem::path, std::string> members_;
};

/// What the machine's tree says of each VM.
/// @param place Result<tree::Module>(file): where an image of a VM is
template <typename Place>
Result<std::vector<tree::VmNode>> describe_vms(const MachineDescription& machine, BootFinder& boots, Place place) {
    std::vector<tree::VmNode> nodes;
    for (const auto& vm : machine.vms) {
        const Boot boot = TRY(boots.find(vm));
        tree::VmNode node{
            .vm = vm, .kernel = TRY(place(boot.kernel)), .ramdisk = std::nullopt, .bootargs = boot.arguments};
        if (boot.ramdisk) {
            node.ramdisk = TRY(place(*boot.ramdisk));
        }
        node.vm.firmware_size = boot.firmware_size;
        TRY(check_guest_memory(node));
        nodes.push_back(std::move(node));
    }
    return nodes;
}

/// The image that the firmware enters, what lies in memory beside it, and the tree that describes all.
Result<void> fill_with_hypervisor(qemu::QemuOptions& result, const Paths& paths, const run_folder::RunFolder& folder,
                                  const RunOptions& options, const MachineDescription& machine, BootFinder& boots) {
    tree::ModuleLayout layout{machine.platform->memory, machine.memory};
    const auto nodes = TRY(describe_vms(
        machine, boots, [&](const std::filesystem::path& file) { return place_module(layout, file, machine); }));
    TRY(check_memory(machine, nodes, layout.bytes()));
    result.image = TRY(setup::hypervisor_image(paths, options.config)).binary();
    result.modules = layout.modules();
    const std::string hardware = TRY(qemu::hardware_tree(result, folder.path()));
    return write_file(folder.device_tree(), TRY(tree::compile_tree(hardware, nodes, machine_node(options, machine))));
}

/// The same for a machine whose firmware enters the kernel of the only VM.
Result<void> fill_bare(qemu::QemuOptions& result, const run_folder::RunFolder& folder,
                       const MachineDescription& machine, BootFinder& boots) {
    const Boot boot = TRY(boots.find(machine.vms.front()));
    result.image = boot.kernel;
    result.agent_port = true;
    result.reboots = true;
    const std::uint64_t address = machine.platform->memory.image_address + tree::bare_ramdisk_distance;
    std::error_code problem;
    result.modules = {
        {.file = *boot.ramdisk, .address = address, .size = std::filesystem::file_size(*boot.ramdisk, problem)}};
    const std::string hardware = TRY(qemu::hardware_tree(result, folder.path()));
    return write_file(folder.device_tree(), TRY(tree::bare_tree(hardware, result.modules.front(), boot.arguments)));
}

} // namespace

Result<void> write_bundle(const Paths& paths, const run_folder::RunFolder& folder, const RunOptions& options,
                          const MachineDescription& machine, const std::vector<platform::Disk>& disks,
                          const std::filesystem::path& file) {
    BootFinder boots{paths, folder, options, disks};
    BundledImages images;
    const auto nodes =
        TRY(describe_vms(machine, boots, [&](const std::filesystem::path& file) { return images.add(file); }));
    auto node = machine_node(options, machine);
    if (!machine.names_optee) {
        node.address_spaces.reset(); // the board has an OP-TEE of its own
    }
    auto archive = TRY(guest::CpioWriter::create(file));
    TRY(archive.add_file(std::string{contract::bundle::tree_member}, TRY(tree::compile_bundle_tree(nodes, node))));
    TRY(images.write(archive));
    return archive.finish();
}

Result<qemu::QemuOptions> prepare_machine(const Paths& paths, const run_folder::RunFolder& folder,
                                          const RunOptions& options, const MachineDescription& machine,
                                          const std::vector<platform::Disk>& disks) {
    BootFinder boots{paths, folder, options, disks};
    qemu::QemuOptions result{.platform = machine.platform,
                             .emulator = platform::qemu_words_of(paths, machine.qemu),
                             .cpu = machine.cpu,
                             .cpus = machine.cpus,
                             .memory = machine.memory,
                             .firmware =
                                 platform::firmware_folder(paths, *machine.platform, optee_of(options, machine)),
                             .device_tree = folder.device_tree(),
                             .peripherals = {.disks = disks, .network = machine.network},
                             .power_button = !disks.empty(),
                             .secure_log = folder.secure_log(),
                             .instruction_clock = options.instruction_clock,
                             .repeatable = options.instruction_clock,
                             .debugger = options.debugger,
                             .core_stays = options.debuggable()};
    const firmware::Optee optee = optee_of(options, machine);
    if (const firmware::OpteeBuild* build = firmware::source_build(optee)) {
        result.optee = build->memory;
    }
    TRY(options.bare ? fill_bare(result, folder, machine, boots)
                     : fill_with_hypervisor(result, paths, folder, options, machine, boots));
    return result;
}

} // namespace trv::tool::run
