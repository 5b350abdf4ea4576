// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/vm_reader.hpp"

#include "contract/virtio.hpp"
#include "tool/machine/readers/tee_reader.hpp"
#include "tool/machine/readers/vm_disk_reader.hpp"
#include "tool/machine/readers/vm_net_reader.hpp"
#include "tool/machine/readers/vm_share_reader.hpp"
#include "tool/machine/values/byte_size.hpp"
#include "tool/machine/values/firmware_name.hpp"
#include "tool/machine/values/kernel_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace trv::tool::machine {

namespace {

constexpr std::string_view rng_key = "rng";
constexpr std::string_view variables_key = "variables";

/// U-Boot's addresses for kernel and RAM disk, and UEFI's own memory, lie below it.
constexpr std::uint64_t least_firmware_memory = 256 * mib;

/// A VM with firmware needs no kernel: the firmware finds one, or has a shell.
bool does_without_kernel(const TableReader& reader, const VmDescription& vm) {
    return vm.has_firmware() && !reader.has("kernel");
}

Result<std::string> read_firmware(const TableReader& reader, const std::filesystem::path& folder, bool inside_host) {
    const std::string key(contract::firmware_property.property.key);
    const auto written = TRY(reader.text(key));
    if (!written) {
        return "";
    }
    const KnownFirmware* known = find_firmware(*written);
    if (known == nullptr) {
        return reader.existing_file(key, *written, folder,
                                    "Write \"uefi\", \"uboot\", or the path of an image (relative to this file).");
    }
    return inside_host ? reader.existing_file(key, "/" + std::string{known->file}, folder,
                                              fmt::format("Install the package {} in the host.", known->package))
                       : Result<std::string>{*written};
}

/// The file is made if there is none.
Result<std::string> read_variables(const TableReader& reader, const std::filesystem::path& folder, bool inside_host) {
    const auto written = TRY(reader.text(variables_key));
    if (!written) {
        return "";
    }
    if (!inside_host) {
        return reader.wrong(variables_key, "is for VMs that a host makes, whose programs keep them in a file",
                            "Describe the VM in a file for trivisorctl in the host, or omit the key: each run begins "
                            "with erased flash then.");
    }
    if (!reader.has(contract::firmware_property.property.key)) {
        return reader.wrong(variables_key, "is for a VM with firmware, and the VM has none",
                            "Write firmware = \"uefi\" or \"uboot\", or omit the key.");
    }
    std::error_code ignored;
    const auto path = std::filesystem::absolute(folder / *written, ignored).lexically_normal();
    if (written->empty() || !path.has_filename()) {
        return reader.wrong(variables_key, fmt::format("'{}' is not the path of a file", *written),
                            "Write the path of a file (relative to this file), which is made if it does not exist.");
    }
    return path.string();
}

/// What firmware does by itself, or cannot do.
Result<void> check_firmware(const TableReader& reader, const VmDescription& vm) {
    if (!vm.has_firmware()) {
        return {};
    }
    const std::string_view key = contract::firmware_property.property.key;
    if (vm.has_machine_devices()) {
        return reader.wrong(key, "is not for the host, whose kernel starts without any",
                            "Omit the key, or devices = \"all\".");
    }
    if (vm.io == contract::Io::Pool && (!vm.disks.empty() || !vm.nets.empty() || vm.rng)) { // it has drivers for them
        return reader.wrong(
            !vm.disks.empty()  ? vm_disk_key
            : !vm.nets.empty() ? vm_net_key
                               : rng_key,
            "is not for a VM with firmware, which does not know what memory such devices reach",
            "Write io = \"whole\": they reach, and the host sees, all of the VM's memory. Or omit one of "
            "the two keys.");
    }
    if (vm.boots_from_disk() || vm.is_built_guest()) {
        return reader.wrong("kernel", "is not for a VM with firmware", "Omit one of the two keys.");
    }
    if (vm.kernel.empty() && (!vm.rootfs.empty() || !vm.cmdline.empty())) {
        return reader.wrong(vm.rootfs.empty() ? "cmdline" : "rootfs", "is for a kernel, and the VM has none",
                            "Name a kernel, or omit the key.");
    }
    if (vm.memory < least_firmware_memory) {
        return reader.wrong("memory", fmt::format("{} is too little for firmware", format_size(vm.memory)),
                            fmt::format("Give the VM at least {}.", format_size(least_firmware_memory)));
    }
    return {};
}

/// What devices reach, and the host sees, if it is all memory of the VM.
Result<void> check_io(const TableReader& reader, const VmDescription& vm, bool inside_host) {
    const std::string_view key = contract::vm_io.property.key;
    if (!inside_host && reader.has(key)) {
        return reader.wrong(key, "is for VMs that a host makes, whose programs serve their devices", "Omit the key.");
    }
    if (vm.io == contract::Io::Pool) {
        return {};
    }
    if (!vm.has_devices()) {
        return reader.wrong(key, "whole is for a VM with devices, and the VM has none",
                            "Omit the key: the host sees nothing of the VM's memory then.");
    }
    if (vm.tee) {
        return reader.wrong(key, "whole is not for a VM with an OP-TEE, which takes no memory that is the host's",
                            "Omit the key, or tee.");
    }
    if (vm.memory > contract::virtio::largest_whole) {
        return reader.wrong(
            "memory", fmt::format("{} is more than a host can lend", format_size(vm.memory)),
            fmt::format("Give the VM at most {}, or omit io.", format_size(contract::virtio::largest_whole)));
    }
    return {};
}

/// Where a 32-bit kernel cannot start.
Result<void> check_32_bit(const TableReader& reader, const VmDescription& vm, bool inside_host) {
    if (!is_32_bit(vm.kernel)) {
        return {};
    }
    constexpr const char* hint = "Give a kernel for arm64 (aarch64).";
    if (vm.has_firmware()) {
        return reader.wrong("kernel", "is for 32-bit Arm, and the firmware starts kernels for arm64", hint);
    }
    if (vm.has_machine_devices()) {
        return reader.wrong("kernel", "is for 32-bit Arm, and the host's is one for arm64", hint);
    }
    if (inside_host) {
        return reader.wrong("kernel", "is for 32-bit Arm, and VMs that the host makes have kernels for arm64", hint);
    }
    return {};
}

Result<std::string> read_kernel(const TableReader& reader, const std::filesystem::path& folder) {
    const std::string hint = fmt::format("Name a kernel: {}, or the path of an arm64 Image (relative to this file).",
                                         fmt::join(default_kernels, ", "));
    const auto written = TRY(reader.text("kernel"));
    if (!written || written->empty()) {
        return reader.wrong("kernel", "is missing", hint);
    }
    if (written->starts_with(built_guest) || *written == disk_kernel) {
        return *written;
    }
    if (written->starts_with("debian:")) {
        if (const auto known = check_kernel_name(*written); !known) {
            return reader.wrong("kernel", fmt::format("{}: {}", *written, known.error().what), known.error().hint);
        }
        return *written;
    }
    return reader.existing_file("kernel", *written, folder, hint);
}

/// Inside the host, kernels come from its file systems only, or from a VM's own disk: what it boots if nothing else is named.
Result<std::string> read_kernel_in_host(const TableReader& reader, const std::filesystem::path& folder, bool has_disk,
                                        bool has_rootfs) {
    const auto written = TRY(reader.text("kernel"));
    if (!written) {
        return std::string{has_disk && !has_rootfs ? disk_kernel : host_kernel};
    }
    if (*written == disk_kernel && has_disk) {
        return *written;
    }
    const std::string hint = "Name an arm64 Image (relative to this file), or omit the key for the host's own kernel.";
    if (*written == disk_kernel) {
        return reader.wrong("kernel", "is on the VM's first disk, and the VM has none",
                            "Give it one: disk = \"…\", or name an arm64 Image.");
    }
    if (written->starts_with(built_guest) || written->starts_with("debian:")) {
        return reader.wrong("kernel", fmt::format("{} is a kernel that only ./trivisor has", *written), hint);
    }
    return reader.existing_file("kernel", *written, folder, hint);
}

Result<std::string> read_rootfs_in_host(const TableReader& reader, const std::filesystem::path& folder) {
    const auto written = TRY(reader.text("rootfs")).value_or("");
    const std::string hint = "Write the path of an initramfs (relative to this file), for example "
                             "/usr/share/trivisor/examples/tee.cpio.";
    if (written == "demo") {
        return reader.wrong("rootfs", "demo is a root file system that only ./trivisor has", hint);
    }
    return written.empty() ? Result<std::string>{written} : reader.existing_file("rootfs", written, folder, hint);
}

Result<std::string> read_rootfs(const TableReader& reader, const std::filesystem::path& folder) {
    const auto written = TRY(reader.text("rootfs"));
    if (!written || written->empty() || *written == "demo") {
        return written.value_or("");
    }
    return reader.existing_file("rootfs", *written, folder,
                                "Write \"demo\" or the path of an initramfs (relative to this file).");
}

Result<std::uint64_t> read_memory(const TableReader& reader) {
    const auto memory = TRY(reader.size("memory"));
    if (!memory) {
        return reader.wrong("memory", "is missing", "Set the VM's memory size: memory = \"512MiB\".");
    }
    if (*memory == 0 || *memory % contract::memory_step != 0) {
        return reader.wrong(
            "memory", fmt::format("{} is not a multiple of 2MiB", format_size(*memory)),
            fmt::format("Write {}.", format_size((*memory / contract::memory_step + 1) * contract::memory_step)));
    }
    return *memory;
}

/// Its length is checked when it is known what else stands on the line.
Result<std::string> read_command_line(const TableReader& reader) {
    auto written = TRY(reader.text("cmdline")).value_or("");
    const bool has_control_characters =
        std::ranges::any_of(written, [](unsigned char letter) { return letter < ' ' || letter == 0x7f; });
    if (has_control_characters) {
        return reader.wrong("cmdline", "has a line break or another control character",
                            "Write the parameters on one line, with spaces between them.");
    }
    return written;
}

Result<void> read_settings(const TableReader& reader, contract::VmSettings& settings) {
    TRY(read_each<contract::vm_numbers>(reader, settings));
    Result<void> result;
    contract::for_each_vm_choice([&](const auto& row) {
        result = reader.read(row, settings);
        return result.has_value();
    });
    return result;
}

constexpr std::string_view vsock_key = "vsock";
/// Addresses that no machine's own end has [vsock(7)].
constexpr unsigned first_cid = 3;
constexpr unsigned last_cid = std::numeric_limits<std::int32_t>::max();

/// Programs of a host serve devices.
Result<void> read_devices(const TableReader& reader, const std::filesystem::path& folder,
                          const Surroundings& surroundings, VmDescription& vm) {
    const auto of_machine = [](std::string_view machines) {
        return fmt::format("; the machine's own are in [machine] {}", machines);
    };
    for (const auto& [key, more] :
         {std::pair{vm_disk_key, of_machine("disks")}, std::pair{vm_net_key, of_machine("network")},
          std::pair{vm_share_key, std::string{}}, std::pair{vsock_key, std::string{}},
          std::pair{rng_key, std::string{}}}) {
        if (!surroundings.inside_host && reader.has(key)) {
            return reader.wrong(key, "is for VMs that a host makes, whose programs serve it",
                                fmt::format("Describe the VM in a file for trivisorctl in the host{}.", more));
        }
    }
    vm.disks = TRY(read_vm_disks(reader, folder, surroundings.takes_over));
    vm.nets = TRY(read_vm_nets(reader));
    vm.shares = TRY(read_vm_shares(reader, folder, surroundings.takes_over));
    vm.vsock = TRY(reader.number(vsock_key, first_cid, last_cid));
    vm.rng = TRY(reader.truth(rng_key)).value_or(false);
    const std::size_t devices = vm.device_count();
    if (devices > contract::virtio::slots) { // as many as the lists may have together, and one of these
        return reader.wrong(vm.rng ? rng_key : vsock_key, fmt::format("comes with {} other devices", devices - 1),
                            fmt::format("Give the VM at most {} in all.", contract::virtio::slots));
    }
    return {};
}

Result<std::optional<unsigned>> read_manager_group(const TableReader& reader, const VmDescription& vm) {
    const std::string key(contract::manager_group_property.key);
    const auto group = TRY(reader.number(key, 0, std::numeric_limits<std::int32_t>::max()));
    if (group && !vm.has_machine_devices()) {
        return reader.wrong(key, "is only for the host", "Omit the key, or write devices = \"all\".");
    }
    return group;
}

} // namespace

Result<VmDescription> read_vm(const TableReader& reader, const std::string& name, const std::filesystem::path& folder,
                              const Surroundings& surroundings) {
    if (!contract::is_label(name)) {
        return reader.wrong("", fmt::format("'{}' is not a valid VM name", name),
                            fmt::format("Use 1 to {} characters from a to z, 0 to 9 and '-'.", contract::max_label));
    }
    static constexpr std::array<std::string_view, 3> taken{"hypervisor", "tee", "qemu"};
    if (!surroundings.inside_host && std::ranges::find(taken, name) != taken.end()) {
        return reader.wrong("", fmt::format("'{}' is reserved for a log of every run", name),
                            "Choose another name for the VM.");
    }
    auto known = keys_of([](const auto& visit) { contract::for_each_vm_row(visit); });
    if (reader.has("balloon")) {
        return reader.wrong(
            "balloon", "does not exist: a VM's memory is its own until it ends, because its OP-TEE may use any of it",
            "Omit the key: memory says how much the VM has.");
    }
    known.insert(known.end(), {vm_disk_key, vm_net_key, vm_share_key, vsock_key, rng_key, variables_key});
    TRY(reader.expect_only(known));
    VmDescription vm{.name = name};
    vm.memory = TRY(read_memory(reader));
    contract::VmSettings& settings = vm;
    TRY(reader.read(contract::vcpus_property, settings));
    vm.cpus = TRY(reader.numbers("cpus", 0, surroundings.cpus - 1));
    if (!vm.cpus.empty() && vm.cpus.size() != vm.vcpus) {
        return reader.wrong("cpus", fmt::format("names {} CPUs for {} vCPUs", vm.cpus.size(), vm.vcpus),
                            "Name one CPU per vCPU, or omit the key to let the scheduler choose.");
    }
    const bool inside_host = surroundings.inside_host;
    TRY(read_devices(reader, folder, surroundings, vm));
    vm.firmware = TRY(read_firmware(reader, folder, inside_host));
    vm.variables = TRY(read_variables(reader, folder, inside_host));
    if (!does_without_kernel(reader, vm)) {
        vm.kernel = TRY(inside_host ? read_kernel_in_host(reader, folder, !vm.disks.empty(), reader.has("rootfs"))
                                    : read_kernel(reader, folder));
    }
    vm.rootfs = TRY(inside_host ? read_rootfs_in_host(reader, folder) : read_rootfs(reader, folder));
    if (vm.boots_from_disk() && !vm.rootfs.empty()) {
        return reader.wrong("rootfs", "is given beside kernel = \"disk\", which takes the initramfs from the disk",
                            "Omit one of the two keys.");
    }
    if (vm.boots_from_disk() && !vm.disks.empty() && !vm.disks.front().plugged) {
        return wrong_at(vm.disks.front().place, "is not plugged, and the VM boots from its first disk",
                        "Omit plugged, list another disk before it, or name a kernel.");
    }
    if (vm.boots_from_disk() && !vm.disks.empty() && !vm.disks.front().can_be_looked_into()) {
        return wrong_at(vm.disks.front().place, "cannot be looked into, and the VM's kernel is to come from it",
                        "Name kernel and rootfs, or boot from the disk by firmware, with io = \"whole\".");
    }
    vm.cmdline = TRY(read_command_line(reader));
    vm.tee = TRY(read_tee(reader));
    TRY(read_settings(reader, settings));
    vm.manager_group = TRY(read_manager_group(reader, vm));
    if (inside_host && vm.has_machine_devices()) {
        return reader.wrong("devices", "the machine's devices are the host's", "Omit the key.");
    }
    if (inside_host &&
        (vm.on_reboot == contract::OnReboot::HaltMachine || vm.on_crash == contract::OnCrash::HaltMachine)) {
        return reader.wrong(vm.on_reboot == contract::OnReboot::HaltMachine ? "on_reboot" : "on_crash",
                            "a VM that the host makes does not decide about the machine", "Choose restart or stop.");
    }
    TRY(check_io(reader, vm, inside_host));
    TRY(check_firmware(reader, vm));
    TRY(check_32_bit(reader, vm, inside_host));
    vm.firmware_place = reader.place(contract::firmware_property.property.key);
    vm.variables_place = reader.place(variables_key);
    vm.memory_place = reader.place("memory");
    vm.kernel_place = reader.place("kernel");
    vm.rootfs_place = reader.place("rootfs");
    vm.cmdline_place = reader.place("cmdline");
    vm.tee_place = reader.place("tee");
    vm.devices_place = reader.place("devices");
    return vm;
}

} // namespace trv::tool::machine
