// SPDX-License-Identifier: Apache-2.0
#pragma once
// VMIDs distinguish VMs' translations in TLBs.

#include "lib/lease.hpp"
#include "lib/result.hpp"
#include "lib/types.hpp"
#include "sync/spinlock.hpp"

namespace trv::memory {

class VmidPool;

/// The right to use one VMID.
class VmidLease final : public Lease<VmidPool, u16> {
  public:
    using Lease::Lease;

    /// 0 for no lease.
    [[nodiscard]] u16 vmid() const { return thing(); }
};

/// Allocates VMIDs in turn, so that each stays unused as long as possible. 0 is never allocated: it means "no virtual
/// machine".
class VmidPool {
  public:
    constexpr VmidPool() = default;
    VmidPool(const VmidPool&) = delete;
    VmidPool& operator=(const VmidPool&) = delete;

    /// @param vmid_bits 8 or 16
    /// Context: boot, before the first lease.
    void start(unsigned vmid_bits) EXCLUDES(lock_);

    /// Leases a VMID. When it returns, no TLB in the machine has entries of it.
    /// @return Error::TooMany when max_vms are leased
    [[nodiscard]] Result<VmidLease> lease() EXCLUDES(lock_);

    /// The number of live leases, for leak checks.
    [[nodiscard]] unsigned leased() EXCLUDES(lock_);

  private:
    friend class Lease<VmidPool, u16>;
    void give_back(u16 vmid) EXCLUDES(lock_);
    [[nodiscard]] bool is_leased(u16 vmid) const REQUIRES(lock_);

    SpinLock lock_;
    bool wide_ GUARDED_BY(lock_) = false; ///< 16 bits, not 8
    u16 last_ GUARDED_BY(lock_) = 0;
    u16 leased_[max_vms] GUARDED_BY(lock_) = {}; ///< 0: unused
};

} // namespace trv::memory
