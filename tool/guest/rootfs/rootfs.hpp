// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/guest/rootfs/rootfs_files.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::guest {

/// The initramfs archive named "demo", as `run_setup` leaves it.
/// @param width of the guest's kernel, here and below
[[nodiscard]] std::filesystem::path demo_rootfs(const Paths& paths, Width width = Width::Bits64);

/// A hash of all inputs of the archive.
[[nodiscard]] Result<std::string> rootfs_inputs(const Paths& paths, const packages::PackageStore& store,
                                                Width width = Width::Bits64);

/// Builds the guest agent and writes the archive. It is not compressed: unpacking costs emulated CPU time, size costs
/// none.
[[nodiscard]] Result<void> build_rootfs(const Paths& paths, const packages::PackageStore& store, Width width);

} // namespace trv::tool::guest
