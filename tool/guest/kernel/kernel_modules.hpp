// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace trv::tool::guest {

/// All inputs of the selection of modules, besides the kernel itself.
[[nodiscard]] std::string module_selection();

/// Whether a kernel without the modules for OP-TEE is refused.
enum class Tee : std::uint8_t { Required, None };

/// Writes an initramfs archive with the modules that guests use and those they need, uncompressed, below lib/modules.
/// @param modules   the kernel's own folder, which holds kernel/ and modules.builtin
/// @param scratch   a folder for the selected tree, where depmod works
[[nodiscard]] Result<void> write_modules(const std::filesystem::path& modules, const std::filesystem::path& scratch,
                                         const std::filesystem::path& out, Tee tee);

} // namespace trv::tool::guest
