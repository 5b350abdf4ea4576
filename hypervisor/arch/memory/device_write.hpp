// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes to a device that must have taken effect before the CPU goes on. Portable.

#include "arch/memory/mmio.hpp"

namespace trv::arch {

/// Writes a register, and returns once the device has taken the write: nothing that the CPU does afterwards, its return
/// to a guest included, overtakes it. A store to a device may be posted, and neither an ISB nor an exception return waits
/// for it. A load from the same device stays behind it [Arm ARM B2.8.2], and the barrier waits for the load.
/// @param read_back  a register of the same device whose read changes nothing
inline void write32_and_wait(Va address, u32 value, Va read_back) {
    write32(address, value);
    (void)read32(read_back);
    wait_for_accesses();
}

} // namespace trv::arch
