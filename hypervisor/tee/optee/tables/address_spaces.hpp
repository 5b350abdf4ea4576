// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE's address spaces for applications, which all VMs share: it takes their identifiers (ASIDs) from one set of
// pairs for all [core_mmu.c]. Each partition takes a pair, and each instance of an application. VM_DESTROYED does not
// free those of applications that are still loaded, and an application with the keep-alive flag stays loaded whatever
// the mediator closes. So a VM that restarts may use some up each time.

#include "contract/limits.hpp"
#include "lib/types.hpp"
#include "sync/spinlock.hpp"

#include <algorithm>
#include <array>

namespace trv::tee::optee {

/// Half of what partitions leave is divided among the VMs: each is sure of its part. The other half is common: who
/// needs more than its part takes from there, first come, first served. Sessions count, and what VMs left loaded.
class AddressSpaces {
  public:
    static constexpr u32 usual_pairs = contract::usual_address_spaces;

    /// Call this before any VM uses OP-TEE.
    /// @param pairs of this OP-TEE
    void start(u32 pairs) EXCLUDES(lock_) {
        const Guard guard(lock_);
        pairs_ = pairs;
    }

    /// Call this before the VM uses OP-TEE.
    /// @param vm      index in the table of virtual machines, here and below
    /// @param sharers VMs that are described to have an OP-TEE; with fewer, those that ever had one count
    void expect(unsigned vm, u32 sharers = 1) EXCLUDES(lock_) {
        const Guard guard(lock_);
        users_ += shares_[vm].known ? 0 : 1;
        shares_[vm].known = true;
        sharers_ = std::max({sharers_, users_, sharers});
    }

    /// The most that one VM can use at one time.
    [[nodiscard]] u32 most() const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return own_part() + common_part();
    }

    /// For a session that is about to be opened.
    /// @return false if the VM's part is used up, and the common one as well
    [[nodiscard]] bool take(unsigned vm) EXCLUDES(lock_) {
        const Guard guard(lock_);
        if (shares_[vm].used() >= own_part() && common_in_use() >= common_part()) {
            return false;
        }
        ++shares_[vm].sessions;
        return true;
    }
    void give_back(unsigned vm, u32 sessions = 1) EXCLUDES(lock_) {
        const Guard guard(lock_);
        shares_[vm].sessions -= sessions;
    }

    /// OP-TEE keeps applications loaded although their VM has ended.
    void keep(unsigned vm, u32 applications) EXCLUDES(lock_) {
        const Guard guard(lock_);
        shares_[vm].kept += applications;
    }
    [[nodiscard]] u32 kept(unsigned vm) const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return shares_[vm].kept;
    }
    /// Whether the VM may use OP-TEE again: what others left does not count against it. Of two VMs each may leave a quarter
    /// of the pairs; one end may leave more, which counts at the next start.
    [[nodiscard]] bool bears(unsigned vm) const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return shares_[vm].kept <= pairs() / 2 / std::max(2U, users_);
    }

  private:
    struct Share {
        u32 sessions = 0;
        u32 kept = 0;
        bool known = false;
        [[nodiscard]] u32 used() const { return sessions + kept; }
    };

    [[nodiscard]] u32 pairs() const REQUIRES(lock_) { return pairs_ != 0 ? pairs_ : usual_pairs; }
    [[nodiscard]] u32 sharers() const REQUIRES(lock_) { return std::max(1U, sharers_); }
    [[nodiscard]] u32 available() const REQUIRES(lock_) { return pairs() > sharers() ? pairs() - sharers() : 1; }
    [[nodiscard]] u32 own_part() const REQUIRES(lock_) { return std::max(1U, available() / (2 * sharers())); }
    [[nodiscard]] u32 common_part() const REQUIRES(lock_) {
        return available() - std::min(available(), own_part() * sharers());
    }
    [[nodiscard]] u32 common_in_use() const REQUIRES(lock_) {
        u32 sum = 0;
        for (const Share& share : shares_) {
            sum += share.used() - std::min(share.used(), own_part());
        }
        return sum;
    }

    mutable SpinLock lock_;
    // Zeros at first: an object that boot code holds takes no room in the image then.
    u32 pairs_ GUARDED_BY(lock_) = 0;
    u32 users_ GUARDED_BY(lock_) = 0;
    u32 sharers_ GUARDED_BY(lock_) = 0;
    std::array<Share, max_vms> shares_ GUARDED_BY(lock_){};
};

} // namespace trv::tee::optee
