#pragma once

#include "tool/machine/table_reader.hpp"

namespace trv::tool::machine {

/// Reads one [vm.NAME] table.
/// @param folder  what relative paths in it are relative to
/// @param cpus    how many the machine has
[[nodiscard]] Result<VmDescription> read_vm(const TableReader& reader, const std::string& name,
                                            const std::filesystem::path& folder, unsigned cpus);

} // namespace trv::tool::machine
