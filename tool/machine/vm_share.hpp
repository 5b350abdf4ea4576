// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/vm_disk.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::machine {

/// A folder of the host's that a VM mounts.
struct VmShare {
    std::filesystem::path folder{}; // absolute
    std::string tag{};              // the VM's name for it
    bool read_only = false;
    bool plugged = true; // from the VM's start
    KeyPlace place{};
};

} // namespace trv::tool::machine
