// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who owns the physical addresses outside RAM: registers of devices. The sibling of the frame table: a range has one
// owner, the hypervisor or a VM, and an unclaimed one cannot be mapped for any guest.

#include "lib/fixed_vector.hpp"
#include "lib/lease.hpp"
#include "memory/physical/frame_owner.hpp"
#include "memory/physical/frame_table.hpp"
#include "sync/spinlock.hpp"

namespace trv::memory {

class DeviceTable;

/// Device registers, and who has them.
struct DeviceClaim {
    PaRange range;
    FrameOwner owner = FrameOwner::Free; // all zeros, so that the table takes no space in the image

    bool operator==(const DeviceClaim&) const = default;
};

/// A range that belongs to a VM until the lease ends, which is after the end of the address space that maps it.
class DeviceLease final : public Lease<DeviceTable, DeviceClaim> {
  public:
    using Lease::Lease;

    [[nodiscard]] PaRange range() const { return thing().range; }
    [[nodiscard]] FrameOwner owner() const { return thing().owner; }
};

class DeviceTable {
  public:
    constexpr DeviceTable() = default;
    DeviceTable(const DeviceTable&) = delete;
    DeviceTable& operator=(const DeviceTable&) = delete;

    /// Before anything is claimed. @param frames knows what is RAM
    void start(const FrameTable& frames) { frames_ = &frames; }

    /// Keeps the pages of one of the hypervisor's own devices for ever. Pages that it has already may be among them.
    /// @param registers any alignment; outside RAM
    /// @return Error::Denied (RAM), Error::Busy (a VM's), Error::TooMany, Error::Invalid, Error::Overflow
    /// Context: any CPU; cost grows with the number of claims, as of all functions here.
    [[nodiscard]] Result<void> reserve(PaRange registers) EXCLUDES(lock_);

    /// Gives a range to a VM.
    /// @param range page-aligned, not empty
    /// @return Error::Denied if a byte of it is RAM, Error::Busy if one has an owner, Error::TooMany,
    ///         Error::Misaligned, Error::Invalid, Error::Overflow
    [[nodiscard]] Result<DeviceLease> claim(PaRange range, FrameOwner owner) EXCLUDES(lock_);

  private:
    friend class Lease<DeviceTable, DeviceClaim>;

    /// @param may_overlap whose claims the range may touch
    [[nodiscard]] Result<void> check_free(PaRange range, FrameOwner may_overlap) const REQUIRES(lock_);
    void give_back(const DeviceClaim& claim) EXCLUDES(lock_);

    /// A machine's device tree has some dozen devices.
    static constexpr std::size_t most_claims = 128;

    const FrameTable* frames_ = nullptr;
    SpinLock lock_;
    FixedVector<DeviceClaim, most_claims>
        claims_ GUARDED_BY(lock_); ///< in no order; those of VMs do not overlap others
};

} // namespace trv::memory
