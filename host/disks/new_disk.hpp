// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/vm_disk.hpp"
#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace trv::host::disks {

struct NewDisk {
    std::string name{};
    std::string from{};     ///< "debian:SUITE", or empty: a disk of zeros
    std::uint64_t size = 0; ///< bytes
    tool::machine::DiskFormat format = tool::machine::DiskFormat::Raw;
};

/// Makes a disk for VMs, which takes no more room than its contents: /var/lib/trivisor/disks/NAME.img, or NAME.qcow2. A
/// Debian is one file system that a VM boots from, made by Debian's own programs out of the archive that the host's apt uses.
/// @return the image
[[nodiscard]] tool::Result<std::filesystem::path> create_disk(const NewDisk& disk);

/// What can be made.
struct Origin {
    std::string suite{};
};
[[nodiscard]] tool::Result<Origin> parse_origin(const std::string& text);

} // namespace trv::host::disks
