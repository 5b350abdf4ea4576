// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/table_reader.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::machine {

inline constexpr std::string_view vm_disk_key = "disk";
/// The requests of so many fit into its pool of memory.
inline constexpr std::size_t most_vm_disks = 8;

/// Reads a VM's key `disk`: an image, a table with more about it, or a list of these.
/// @param vm  the table of the VM
/// @param may_be_gone  images need not exist, not even those of disks that the VM has from its start
[[nodiscard]] Result<std::vector<VmDisk>> read_vm_disks(const TableReader& vm, const std::filesystem::path& folder,
                                                        bool may_be_gone);

/// Whether a VM has a device of its description from its start, or it is plugged later.
inline constexpr std::string_view plugged_key = "plugged";

/// Whether a path or a name can be one of several values for the programs that get it.
[[nodiscard]] bool is_plain(const std::string& text);

} // namespace trv::tool::machine
