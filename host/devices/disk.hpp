// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend_plan.hpp"
#include "tool/machine/vm_disk.hpp"

namespace trv::host::devices {

/// A disk that qemu-storage-daemon serves.
/// @param index    among the VM's disks
/// @param devices  how many it has of all kinds: they share the memory for requests
/// @param folder   for its socket
[[nodiscard]] BackendPlan plan_disk(const tool::machine::VmDisk& disk, unsigned index, std::size_t devices,
                                    const std::filesystem::path& folder);

} // namespace trv::host::devices
