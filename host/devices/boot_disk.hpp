// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/disk/boot_files.hpp"

#include <filesystem>
#include <string>

namespace trv::host::devices {

/// The kernel and the initramfs that a VM's disk boots, as files in a folder. The VM wrote the disk: where systemd runs, only a
/// program as the backends are, which sees nothing but the image and the result, looks into it and unpacks the kernel.
/// @param vm      its name
/// @param folder  empty, and of this user alone
[[nodiscard]] tool::Result<tool::disk::BootFiles>
take_boot_files(const std::string& vm, const std::filesystem::path& image, const std::filesystem::path& folder);

/// The part of that program: `trivisorctl disk boot-files`.
[[nodiscard]] tool::Result<void> write_boot_files(const std::filesystem::path& image,
                                                  const std::filesystem::path& folder);

/// The same of what that program has left in a folder, and may have left in any other form.
/// @param folder  where the files are moved, to be used
[[nodiscard]] tool::Result<tool::disk::BootFiles> adopt_boot_files(const std::filesystem::path& left,
                                                                   const std::filesystem::path& folder);

} // namespace trv::host::devices
