// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/values/ip_endpoint.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::machine {

/// A place in the description, as "file:line:col", for errors that are found later.
struct KeyPlace {
    std::string place{};
    std::string key{};
};

enum class DiskFormat : std::uint8_t { Raw, Qcow2, Luks };
/// As descriptions write it, and QEMU's programs.
[[nodiscard]] constexpr std::string_view name_of(DiskFormat format) {
    switch (format) {
    case DiskFormat::Qcow2:
        return "qcow2";
    case DiskFormat::Luks:
        return "luks";
    case DiskFormat::Raw:
        break;
    }
    return "raw";
}

/// Before the path of an NBD server's socket.
inline constexpr std::string_view unix_prefix = "unix:";

/// A disk of a server's, by the protocol of network block devices.
struct NbdExport {
    std::filesystem::path socket{}; // absolute; empty: the server is at the address
    IpEndpoint server{};
    std::string name{}; // of the server's default export: empty

    bool operator==(const NbdExport&) const = default;
};

/// A disk of a VM that the host makes: an image, a block device of the host, or an export of an NBD server.
struct VmDisk {
    std::filesystem::path image{}; // absolute; empty: nbd has it
    std::optional<NbdExport> nbd{};
    DiskFormat format = DiskFormat::Raw;
    std::filesystem::path key{}; // of Luks: a file with the passphrase, absolute
    bool read_only = false;
    bool plugged = true; // from the VM's start
    KeyPlace place{};

    /// Whether the host can take what the VM boots from it, before the VM runs.
    [[nodiscard]] bool can_be_looked_into() const { return !nbd && format != DiskFormat::Luks; }
};

/// For people: an image's path, or the server and its export.
[[nodiscard]] std::string where_is(const VmDisk& disk);

/// Where `trivisorctl disk create` puts disks.
inline constexpr const char* disks_folder = "/var/lib/trivisor/disks";
/// The image of the disk of this name.
[[nodiscard]] inline std::filesystem::path named_disk(const std::string& name, DiskFormat format = DiskFormat::Raw) {
    return std::filesystem::path{disks_folder} / (name + (format == DiskFormat::Qcow2 ? ".qcow2" : ".img"));
}

} // namespace trv::tool::machine
