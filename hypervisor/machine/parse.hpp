// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parses a flattened device tree into a Machine. For any bytes, parsing terminates, accesses nothing outside the tree,
// and reports what it ignores.

#include "lib/device_tree.hpp"
#include "lib/result.hpp"
#include "machine/description.hpp"
#include "machine/problems.hpp"

namespace trv::machine {

/// @param tree     must stay in place and unchanged while `machine` is used, which refers to strings in it
/// @param machine  newly constructed; filled as far as possible, also on errors
/// @param problems one line for each ignored part, with the reason; to be logged, not fatal
/// @return         Error::NotFound without RAM, CPU, PSCI or GICv3; `problems` names the missing part
[[nodiscard]] Result<void> parse(const DeviceTree& tree, Machine& machine, Problems& problems);

/// Finds only the UART of /chosen/stdout-path, for the first output.
[[nodiscard]] std::optional<Uart> parse_uart(const DeviceTree& tree, Problems& problems);

} // namespace trv::machine
