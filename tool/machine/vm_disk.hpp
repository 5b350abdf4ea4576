// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace trv::tool::machine {

/// A place in the description, as "file:line:col", for errors that are found later.
struct KeyPlace {
    std::string place{};
    std::string key{};
};

enum class DiskFormat : std::uint8_t { Raw, Qcow2 };
/// As descriptions write it, and QEMU's programs.
[[nodiscard]] constexpr std::string_view name_of(DiskFormat format) {
    return format == DiskFormat::Qcow2 ? "qcow2" : "raw";
}

/// A disk of a VM that the host makes: an image, or a block device of the host's.
struct VmDisk {
    std::filesystem::path image{}; // absolute
    DiskFormat format = DiskFormat::Raw;
    bool read_only = false;
    bool plugged = true; // from the VM's start
    KeyPlace place{};
};

/// Where `trivisorctl disk create` puts disks.
inline constexpr const char* disks_folder = "/var/lib/trivisor/disks";
/// The image of the disk of this name.
[[nodiscard]] inline std::filesystem::path named_disk(const std::string& name, DiskFormat format = DiskFormat::Raw) {
    return std::filesystem::path{disks_folder} / (name + (format == DiskFormat::Qcow2 ? ".qcow2" : ".img"));
}

} // namespace trv::tool::machine
