// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/readers/table_reader.hpp"
#include "tool/machine/tee_description.hpp"

#include <optional>

namespace trv::tool::machine {

/// Reads a VM's key `tee`: true, false or a table.
/// @param vm  the table of the VM
/// @return    nothing when the VM gets no OP-TEE
[[nodiscard]] Result<std::optional<TeeDescription>> read_tee(const TableReader& vm);

} // namespace trv::tool::machine
