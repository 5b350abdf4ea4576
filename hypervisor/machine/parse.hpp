#pragma once
// From a flattened device tree to a Machine. Whatever the tree's bytes are, parsing ends, touches nothing outside them,
// and says what it did not understand.

#include "lib/device_tree.hpp"
#include "lib/result.hpp"
#include "machine/description.hpp"
#include "machine/problems.hpp"

namespace trv::machine {

/// @param tree     stays where it is and unchanged for as long as `machine` is used: texts lie in it
/// @param machine  freshly constructed; filled as far as the tree goes, also on errors
/// @param problems what was skipped and why, one line each; worth logging, not fatal
/// @return         Error::NotFound if there is no RAM, CPU, PSCI or GICv3, which `problems` names
[[nodiscard]] Result<void> parse(const DeviceTree& tree, Machine& machine, Problems& problems);

/// Only the UART of /chosen/stdout-path, for the very first output.
[[nodiscard]] std::optional<Uart> parse_uart(const DeviceTree& tree, Problems& problems);

} // namespace trv::machine
