// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/machine_tree.hpp"
#include "tool/firmware/optee.hpp"
#include "tool/machine/tee_description.hpp"
#include "tool/machine/vm_disk.hpp"
#include "tool/machine/vm_net.hpp"
#include "tool/machine/vm_share.hpp"
#include "tool/platform/platform.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::machine {

inline constexpr std::uint64_t kib = 1024;
inline constexpr std::uint64_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024 * mib;

/// What the hypervisor may keep for itself: image, heap, page tables, and 4 bytes for each 4 KiB of the machine's
/// memory.
[[nodiscard]] constexpr std::uint64_t hypervisor_reserve(std::uint64_t machine_memory) {
    return std::max(64 * mib, 32 * mib + machine_memory / 1024);
}
/// A disk of the machine.
struct DiskDescription {
    std::string image{}; // "debian:SUITE", which the tool makes and keeps, or an absolute path
    platform::DiskBus bus = platform::DiskBus::VirtioPci;
    KeyPlace place{};
};

/// A VM's kernel that is on the first disk, the machine's or its own, as is its initramfs.
inline constexpr std::string_view disk_kernel = "disk";
/// Before the name of a bare-metal guest, which is built with the hypervisor.
inline constexpr std::string_view built_guest = "guest:";

struct VmDescription : contract::VmSettings {
    std::string name{};
    std::uint64_t memory = 0;     // bytes
    std::vector<unsigned> cpus{}; // of each vCPU; empty: any
    std::string firmware{};       // "uefi", "uboot", an absolute path, or empty: none
    std::string variables{}; // of a VM that the host makes: the path of the file that keeps the firmware's; empty: none
    std::string
        kernel{}; // "debian:SUITE[/FLAVOUR]", "guest:NAME", "disk" or an absolute path; with firmware also empty
    std::string rootfs{}; // "demo", an absolute path, or empty: none
    std::string cmdline{};
    std::vector<VmDisk> disks{}; // this and the next four only of VMs that the host makes
    std::vector<VmNet> nets{};
    std::vector<VmShare> shares{};
    std::optional<unsigned> vsock{};         // its address among the host's and its VMs'; none: it has no such sockets
    bool rng = false;                        // it gets random numbers of the host's
    std::optional<TeeDescription> tee{};     // none: the VM gets no OP-TEE
    std::optional<unsigned> manager_group{}; // whose members may use the manager beside root, if it is the host
    KeyPlace memory_place{};
    KeyPlace firmware_place{};
    KeyPlace variables_place{};
    KeyPlace kernel_place{};
    KeyPlace rootfs_place{};
    KeyPlace cmdline_place{};
    KeyPlace tee_place{};
    KeyPlace devices_place{};

    [[nodiscard]] bool has_firmware() const { return !firmware.empty(); }
    [[nodiscard]] bool boots_from_disk() const { return kernel == disk_kernel; }
    /// Those that programs of the host serve.
    [[nodiscard]] std::size_t device_count() const {
        return disks.size() + nets.size() + shares.size() + (vsock ? 1 : 0) + (rng ? 1 : 0);
    }
    [[nodiscard]] bool has_devices() const { return device_count() != 0; }
    /// A program of the host runs as long as it exists.
    [[nodiscard]] bool is_served() const { return has_devices() || !variables.empty(); }
    [[nodiscard]] bool is_built_guest() const { return kernel.starts_with(built_guest); }
    /// It is the host.
    [[nodiscard]] bool has_machine_devices() const { return devices == contract::DeviceSet::All; }
};

/// A machine description that has been read and checked.
struct MachineDescription {
    std::filesystem::path file{};
    const platform::Platform* platform = &platform::qemu_virt; // never null
    platform::QemuChoice qemu = platform::QemuChoice::Installed;
    std::string_view cpu{}; // one of the platform's models; empty: the first
    unsigned cpus = 1;
    std::uint64_t memory = 0; // bytes
    std::vector<DiskDescription> disks{};
    platform::Network network = platform::Network::None;
    firmware::Optee optee = firmware::DebianOptee::Virtualized;
    bool names_optee = false; // the description does
    KeyPlace platform_place{};
    KeyPlace cpus_place{};
    KeyPlace memory_place{};
    std::vector<VmDescription> vms{}; // in the order of the file; a VM's index is its index here

    /// What OP-TEE has of the machine's memory, in bytes.
    [[nodiscard]] std::uint64_t optee_ram() const {
        const firmware::OpteeBuild* build = firmware::source_build(optee);
        return build != nullptr && build->is_in_ram ? build->memory.size : 0;
    }
    /// What no VM gets, in bytes.
    [[nodiscard]] std::uint64_t reserve() const { return hypervisor_reserve(memory) + optee_ram(); }
};

} // namespace trv::tool::machine
