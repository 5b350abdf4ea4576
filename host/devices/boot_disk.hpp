// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/disk/boot_files.hpp"
#include "tool/machine/vm_disk.hpp"

#include <filesystem>
#include <string>

namespace trv::host::devices {

/// The kernel and the initramfs that a VM's disk boots, as files in a folder. The VM wrote the disk: where systemd runs, only a
/// program as the backends are, which sees nothing but the image and the result, looks into it and unpacks the kernel.
/// @param vm      its name
/// @param folder  empty, and of this user alone
[[nodiscard]] tool::Result<tool::disk::BootFiles>
take_boot_files(const std::string& vm, const tool::machine::VmDisk& disk, const std::filesystem::path& folder);

/// The part of that program: `trivisorctl disk boot-files`. A qcow2 image is copied to the folder first, because e2fsprogs
/// reads raw ones only.
[[nodiscard]] tool::Result<void> write_boot_files(const std::filesystem::path& image, tool::machine::DiskFormat format,
                                                  const std::filesystem::path& folder);

/// The same of what that program has left in a folder, and may have left in any other form.
/// @param folder  where the files are moved, to be used
[[nodiscard]] tool::Result<tool::disk::BootFiles> adopt_boot_files(const std::filesystem::path& left,
                                                                   const std::filesystem::path& folder);

} // namespace trv::host::devices
