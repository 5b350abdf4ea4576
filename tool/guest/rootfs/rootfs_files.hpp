// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace trv::tool::guest {

/// What a guest's kernel and its programs are for.
enum class Width : std::uint8_t { Bits64, Bits32 };

/// A file, or all files of a folder, that the demo's root file system takes from a package of trixie.
struct RootfsFile {
    std::string_view package;
    std::string_view source;      ///< in the package; a trailing "/" means every file in this folder
    std::string_view destination; ///< in the root file system; likewise
    unsigned permissions = 0644;
};

/// @param width of the guest's kernel
[[nodiscard]] std::span<const RootfsFile> rootfs_files(Width width);

/// The packages of rootfs_files(), each once.
[[nodiscard]] std::vector<packages::PackageId> rootfs_packages(Width width);

} // namespace trv::tool::guest
