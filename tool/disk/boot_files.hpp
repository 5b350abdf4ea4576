// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::disk {

/// What a boot loader would take from a disk.
struct BootFiles {
    std::filesystem::path kernel{}; // raw Image
    std::filesystem::path ramdisk{};
    std::string root{}; // for the kernel: "LABEL=host-root"
};

/// Takes them out of a raw image whose root file system is ext4, as Debian leaves them: /vmlinuz and /initrd.img lead to
/// the kernel that was installed last, /etc/fstab names the root. Nothing may be using the image.
/// @param folder  where to put them
[[nodiscard]] Result<BootFiles> take_boot_files(const std::filesystem::path& image,
                                                const std::filesystem::path& folder);

/// The device of "/" in the text of an /etc/fstab.
[[nodiscard]] std::optional<std::string> root_in_fstab(std::string_view text);

/// The target of a link, from what debugfs says of it; nothing if it is none.
[[nodiscard]] std::optional<std::string> link_target(std::string_view stat);

} // namespace trv::tool::disk
