// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/table_reader.hpp"

namespace trv::tool::machine {

/// Reads one [vm.NAME] table.
/// @param folder  the base of relative paths
/// @param cpus    the machine's number of CPUs
[[nodiscard]] Result<VmDescription> read_vm(const TableReader& reader, const std::string& name,
                                            const std::filesystem::path& folder, unsigned cpus);

} // namespace trv::tool::machine
