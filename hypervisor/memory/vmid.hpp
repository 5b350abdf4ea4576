#pragma once
// VMIDs tell translations of virtual machines apart in TLBs.

#include "lib/result.hpp"
#include "lib/spinlock.hpp"
#include "lib/types.hpp"

#include <utility>

namespace trv::memory {

class VmidPool;

/// The right to use one VMID; it ends when this dies.
class VmidLease {
  public:
    constexpr VmidLease() = default;
    VmidLease(VmidLease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), vmid_(std::exchange(other.vmid_, u16{0})) {}
    VmidLease& operator=(VmidLease&& other) noexcept;
    VmidLease(const VmidLease&) = delete;
    VmidLease& operator=(const VmidLease&) = delete;
    ~VmidLease() { reset(); }

    /// 0 for no lease.
    [[nodiscard]] u16 vmid() const { return vmid_; }
    void reset();

  private:
    friend class VmidPool;
    VmidLease(VmidPool& pool, u16 vmid) : pool_(&pool), vmid_(vmid) {}

    VmidPool* pool_ = nullptr;
    u16 vmid_ = 0;
};

/// VMIDs go round, so that each rests as long as possible; 0 is never leased: it stands for "no virtual machine".
class VmidPool {
  public:
    constexpr VmidPool() = default;
    VmidPool(const VmidPool&) = delete;
    VmidPool& operator=(const VmidPool&) = delete;

    /// @param vmid_bits 8 or 16
    /// Context: boot, before the first lease.
    void start(unsigned vmid_bits) EXCLUDES(lock_);

    /// No TLB in the machine holds anything of the VMID when this returns.
    /// @return Error::TooMany when max_vms are leased
    [[nodiscard]] Result<VmidLease> lease() EXCLUDES(lock_);

    /// Leases alive, for balance checks.
    [[nodiscard]] unsigned leased() EXCLUDES(lock_);

  private:
    friend class VmidLease;
    void give_back(u16 vmid) EXCLUDES(lock_);
    [[nodiscard]] bool is_leased(u16 vmid) const REQUIRES(lock_);

    SpinLock lock_;
    u16 largest_ GUARDED_BY(lock_) = 0xff;
    u16 last_ GUARDED_BY(lock_) = 0;
    u16 leased_[max_vms] GUARDED_BY(lock_) = {}; ///< 0 where there is none
};

} // namespace trv::memory
