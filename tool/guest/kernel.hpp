#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::guest {

/// What a guest needs of a Debian kernel, as `run_setup` leaves it.
struct KernelFiles {
    std::filesystem::path image;   ///< raw arm64 Image
    std::filesystem::path modules; ///< initramfs archive with its modules
};

[[nodiscard]] KernelFiles kernel_files(const Paths& paths, const packages::PackageId& package);

/// Everything that the files depend on.
[[nodiscard]] std::string kernel_inputs(const packages::PackageStore& store, const packages::PackageId& package);

/// Takes image and modules out of the kernel's package.
[[nodiscard]] Result<void> prepare_kernel(const Paths& paths, const packages::PackageStore& store,
                                          const packages::PackageId& package);

/// The raw Image of a kernel that a machine description names: "debian:trixie/cloud", or a path to any arm64 Image,
/// which may be compressed.
[[nodiscard]] Result<std::filesystem::path> kernel_image(const Paths& paths, const std::string& kernel);

} // namespace trv::tool::guest
