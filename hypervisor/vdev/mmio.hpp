// SPDX-License-Identifier: Apache-2.0
#pragma once
// The interface between a device model and the trap handler that decoded an access.

#include "lib/types.hpp"

namespace trv::vdev {

/// One access, already checked: naturally aligned, inside the device's window.
struct MmioAccess {
    u64 offset;    ///< from the window's base
    u8 size;       ///< 1, 2, 4 or 8 bytes
    unsigned vcpu; ///< index of the accessing vCPU
};

/// A window of guest-physical addresses with a model behind it. Any vCPU of the VM may call it, in parallel: a model
/// does its own locking. It treats accesses of a size that its registers do not support as reserved: reads return 0,
/// writes are ignored.
class MmioDevice {
  public:
    /// @return the value in the low `access.size` bytes, the rest 0
    [[nodiscard]] virtual u64 read(const MmioAccess& access) = 0;
    virtual void write(const MmioAccess& access, u64 value) = 0;

  protected:
    ~MmioDevice() = default;
};

} // namespace trv::vdev
