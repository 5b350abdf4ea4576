// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/backend/backend_process.hpp"
#include "tool/machine/vm_disk.hpp"

namespace trv::host::devices {

/// What the requests of a disk may be.
struct DiskRequests {
    std::uint16_t entries = 0; ///< of its queue: what all requests at once have, one for each segment and two beside
    std::uint32_t segment = 0; ///< bytes of one; in pages that are beside each other a request needs fewer segments
};

/// Of each of a VM's disks.
/// @param devices  how many it has of all kinds
/// @param room     bytes of the pool that its other devices leave. Short segments always fit
[[nodiscard]] DiskRequests requests_of_disks(std::size_t disks, std::size_t devices, std::uint64_t room);

/// Those of a disk that reaches all of its VM's memory.
[[nodiscard]] DiskRequests requests_without_pool();

/// A disk that qemu-storage-daemon serves.
/// @param index   among the VM's disks
[[nodiscard]] BackendPlan plan_disk(const tool::machine::VmDisk& disk, unsigned index, DiskRequests requests,
                                    const Household& household);

} // namespace trv::host::devices
