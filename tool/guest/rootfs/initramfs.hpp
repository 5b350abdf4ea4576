// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace trv::tool::guest {

/// Writes a VM's initramfs: the root file system, the kernel's modules, and an overlay, one after the other, as Linux
/// takes them. Later parts replace files of earlier ones.
/// @param kernel    as a machine description names it; only Debian's kernels bring modules
/// @param rootfs    "demo", or a path to an initramfs (compressed or not)
/// @param overlay   a folder whose tree is laid over the root file system
/// @return `out`
[[nodiscard]] Result<std::filesystem::path> compose_initramfs(const Paths& paths, const std::string& kernel,
                                                              const std::string& rootfs,
                                                              const std::optional<std::filesystem::path>& overlay,
                                                              const std::filesystem::path& out);

} // namespace trv::tool::guest
