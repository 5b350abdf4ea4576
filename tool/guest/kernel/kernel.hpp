// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::guest {

/// A Debian kernel's files for guests, as created by `run_setup`.
struct KernelFiles {
    std::filesystem::path image;   ///< raw arm64 Image, or zImage
    std::filesystem::path modules; ///< initramfs archive with its modules
};

[[nodiscard]] KernelFiles kernel_files(const Paths& paths, const packages::PackageId& package);

/// All inputs of the files.
[[nodiscard]] std::string kernel_inputs(const packages::PackageStore& store, const packages::PackageId& package);

/// Extracts image and modules from the kernel's package.
[[nodiscard]] Result<void> prepare_kernel(const Paths& paths, const packages::PackageStore& store,
                                          const packages::PackageId& package);

/// The Image, or zImage, of a kernel that a machine description names: "debian:trixie/cloud", or the path of a file that raw_image()
/// understands.
[[nodiscard]] Result<std::filesystem::path> kernel_image(const Paths& paths, const std::string& kernel);

} // namespace trv::tool::guest
