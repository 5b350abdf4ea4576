// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/disk/boot_files.hpp"
#include "tool/guest/memory_need.hpp"
#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace trv::host::vms {

/// Takes what a VM's disk boots: the VM's name, the disk, a folder for it.
using TakeBootFiles = std::function<tool::Result<tool::disk::BootFiles>(
    const std::string&, const tool::machine::VmDisk&, const std::filesystem::path&)>;

/// Where the host has what its VMs need.
struct HostFiles {
    std::filesystem::path root = "/";
    TakeBootFiles take_boot_files{}; ///< for VMs with disks

    /// The host's own kernel: where its link leads. Debian has the link in /boot or in /.
    [[nodiscard]] tool::Result<std::filesystem::path> kernel() const;
    [[nodiscard]] std::filesystem::path modules(const std::string& release) const {
        return root / "lib" / "modules" / release;
    }
    [[nodiscard]] std::filesystem::path cache() const { return root / "var" / "cache" / "trivisor"; }
};

/// What a VM boots.
struct Images {
    std::string kernel{};            ///< an arm64 Image, not compressed; behind the firmware, if there is some
    std::uint32_t firmware_size = 0; ///< bytes of it that are firmware
    std::optional<std::string> ramdisk{};
    std::string root{}; ///< the device of the root file system, of a VM that boots from its disk
    tool::guest::MemoryNeed need{};
};

/// Reads a VM's kernel and initramfs, and checks that they fit into its memory. With the host's own kernel, the modules
/// that guests need are added to the initramfs.
[[nodiscard]] tool::Result<Images> read_images(const tool::machine::VmDescription& vm, const HostFiles& files = {});

} // namespace trv::host::vms
