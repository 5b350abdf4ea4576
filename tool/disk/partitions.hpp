// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>

namespace trv::tool::disk {

/// Whether the file is a qcow2 image; otherwise its bytes are the disk's.
[[nodiscard]] Result<bool> is_qcow2(const std::filesystem::path& image);

/// The byte at which the root file system of a raw disk image begins: the GPT's partition of the type "root (arm64)",
/// otherwise its first Linux partition; 0 if the whole disk is an ext4 file system.
[[nodiscard]] Result<std::uint64_t> find_root_offset(const std::filesystem::path& image);

/// Whether the ext4 file system at this byte has changes that are in its journal only, as after a loss of power.
[[nodiscard]] Result<bool> needs_recovery(const std::filesystem::path& image, std::uint64_t offset);

} // namespace trv::tool::disk
