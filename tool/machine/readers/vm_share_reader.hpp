// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/table_reader.hpp"

#include <filesystem>
#include <vector>

namespace trv::tool::machine {

inline constexpr std::string_view vm_share_key = "share";
inline constexpr std::size_t most_vm_shares = 4;

/// Reads a VM's key `share`: a folder, a table with more about it, or a list of these.
/// @param vm      the table of the VM
/// @param folder  to which paths are relative
/// @param may_be_gone  folders need not exist
[[nodiscard]] Result<std::vector<VmShare>> read_vm_shares(const TableReader& vm, const std::filesystem::path& folder,
                                                          bool may_be_gone);

} // namespace trv::tool::machine
