// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parses a flattened device tree into a Machine. For any bytes, parsing terminates, accesses nothing outside the tree,
// and reports what it ignores.

#include "lib/device_tree/device_tree.hpp"
#include "lib/result.hpp"
#include "machine/description.hpp"
#include "machine/problems.hpp"

namespace trv::machine {

/// @param tree     must stay in place and unchanged while `machine` is used, which refers to strings in it
/// @param uarts    values of `compatible` for which there are drivers
/// @param machine  newly constructed; filled as far as possible, also on errors
/// @param problems one line for each ignored part, with the reason; to be logged, not fatal
/// @return         Error::NotFound without RAM, CPU, PSCI or interrupt controller; `problems` names the missing part
[[nodiscard]] Result<void> parse(const DeviceTree& tree, std::span<const std::string_view> uarts, Machine& machine,
                                 Problems& problems);

} // namespace trv::machine
