// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/table_reader.hpp"

#include <vector>

namespace trv::tool::machine {

inline constexpr std::string_view vm_net_key = "net";
/// The packets of so many fit into a VM's pool of memory, beside its disks.
inline constexpr std::size_t most_vm_nets = 4;

/// Reads a VM's key `net`: the word for a network, a table with more about it, or a list of these.
/// @param vm  the table of the VM
[[nodiscard]] Result<std::vector<VmNet>> read_vm_nets(const TableReader& vm);

/// "52:54:00:12:34:56"; nothing if it is not the address of one card.
[[nodiscard]] std::optional<MacAddress> parse_mac(std::string_view text);

} // namespace trv::tool::machine
