// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace trv::host::vms {

/// Reads and checks a file of [vm.NAME] tables: those of machine descriptions, with kernels and initramfs from the
/// host's own file systems. Every mistake is a usage error with file, line, column, key and hint.
/// @param takes_over  the VM was made from it before: images that are unplugged may be gone
[[nodiscard]] tool::Result<std::vector<tool::machine::VmDescription>> read_vms(const std::filesystem::path& file,
                                                                               bool takes_over = false);

/// The same from text; `file` is for messages and relative paths.
[[nodiscard]] tool::Result<std::vector<tool::machine::VmDescription>>
parse_vms(std::string_view text, const std::filesystem::path& file, bool takes_over = false);

} // namespace trv::host::vms
