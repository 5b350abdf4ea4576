// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/table_reader.hpp"

namespace trv::tool::machine {

/// Where a VM is to be created, which decides what its keys may say.
struct Surroundings {
    unsigned cpus = 1;        ///< physical ones
    bool inside_host = false; ///< by a program of the host, where nothing can be fetched or built
    bool takes_over = false;  ///< it has been made: images that are unplugged may be gone
};

/// The kernel of a VM inside the host whose description does not name one: the host's own.
inline constexpr std::string_view host_kernel = "";

/// Reads one [vm.NAME] table.
/// @param folder  the base of relative paths
[[nodiscard]] Result<VmDescription> read_vm(const TableReader& reader, const std::string& name,
                                            const std::filesystem::path& folder, const Surroundings& surroundings);

} // namespace trv::tool::machine
