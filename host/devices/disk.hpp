// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend_plan.hpp"
#include "tool/machine/vm_disk.hpp"

namespace trv::host::devices {

/// A disk that qemu-storage-daemon serves.
/// @param index   among the VM's disks
/// @param disks   how many it has: they share the memory for requests
/// @param folder  for its socket
[[nodiscard]] BackendPlan plan_disk(const tool::machine::VmDisk& disk, unsigned index, std::size_t disks,
                                    const std::filesystem::path& folder);

/// The size of the bank of a VM with these devices.
[[nodiscard]] std::uint64_t bank_size(std::span<const BackendPlan> plans);

} // namespace trv::host::devices
