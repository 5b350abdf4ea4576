// SPDX-License-Identifier: Apache-2.0
#pragma once
// This VM's properties from the device tree.

#include "lib/types.hpp"

#include <string_view>

namespace trv::bare {

struct Machine {
    Range<Ipa> ram;
    Range<Ipa> bank; ///< lent by the host, for devices; empty without
    unsigned cpus = 1;
    std::string_view bootargs; ///< the kernel command line
};

/// Reads the tree once, at start-up.
void read_machine(const void* device_tree);
[[nodiscard]] const Machine& machine();

/// The value of `name=value` on the command line, up to the next space; empty without it.
[[nodiscard]] std::string_view option(std::string_view name);

} // namespace trv::bare
