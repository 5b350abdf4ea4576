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

/// How an access goes on.
enum class MmioOutcome : u8 {
    Done,
    Again,   ///< the guest makes the access again, and has its interrupts before
    Pending, ///< it is answered later: see DeferredExits; only after its defer(), for this access
};

/// The result of a load.
struct MmioRead {
    /// @param v in the low `MmioAccess::size` bytes, the rest 0
    constexpr MmioRead(u64 v) : value(v) {}
    constexpr MmioRead(MmioOutcome o) : value(0), outcome(o) {}

    u64 value;
    MmioOutcome outcome = MmioOutcome::Done;
};

/// A window of guest-physical addresses with a model behind it. Any vCPU of the VM may call it, in parallel: a model
/// does its own locking. It treats accesses of a size that its registers do not support as reserved: reads return 0,
/// writes are ignored.
class MmioDevice {
  public:
    [[nodiscard]] virtual MmioRead read(const MmioAccess& access) = 0;
    [[nodiscard]] virtual MmioOutcome write(const MmioAccess& access, u64 value) = 0;

  protected:
    ~MmioDevice() = default;
};

} // namespace trv::vdev
