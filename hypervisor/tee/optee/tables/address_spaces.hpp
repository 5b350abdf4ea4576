// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE's address spaces, which all VMs share: it takes their identifiers (ASIDs) from one set of pairs
// [core/arch/arm/mm/core_mmu.c]. Each partition takes one, and each instance of a user TA. VM_DESTROYED does not free
// those of TAs that are still loaded.

#include "contract/limits.hpp"
#include "lib/types.hpp"
#include "sync/spinlock.hpp"

#include <array>

namespace trv::tee::optee {

/// Between whom OP-TEE is divided.
struct Sharing {
    u32 address_spaces = contract::usual_address_spaces;
    u32 partitions = contract::max_vms; ///< the most that OP-TEE can have
    u32 vms = 1;                        ///< those of the boot description that have a TEE
    bool host_makes_vms = false;        ///< a host makes more at run time
};

/// Counts what OP-TEE has loaded for each account. Half of what partitions leave is divided among the accounts: no other
/// account takes a part of it. The other half is common, first come, first served.
class AddressSpaces {
  public:
    /// Accounts: one for each VM of the boot description, by its number, and one for all VMs that the host makes. So a
    /// program of the host gets no more by making more VMs.
    static constexpr unsigned hosts_account = max_vms;

    /// Call this before any VM uses OP-TEE.
    void start(const Sharing& sharing);

    /// The most that one account can take. It does not change after start().
    [[nodiscard]] u32 most() const { return own_ + common_; }
    /// Of which part one was taken.
    enum class From : u8 { None, Own, Common };
    /// For an instance that is about to be loaded.
    /// @return None if the account's part is used up, and the common one as well
    [[nodiscard]] From take(unsigned account) EXCLUDES(lock_);
    /// For one that counts whether there is room or not.
    void take_in_any_case(unsigned account) { change(account, 1, 0); }
    void give_back(unsigned account, u32 count = 1) { change(account, 0 - count, 0); }

    /// Instances stay loaded although their VM has ended: these are never given back.
    void keep(unsigned account, u32 count) { change(account, 0, count); }
    [[nodiscard]] u32 kept(unsigned account) const EXCLUDES(lock_);
    /// Whether a VM of the account may use OP-TEE again. Of two accounts each may leave a quarter of the address spaces
    /// behind; the end of one VM may leave more, which counts at the next start.
    [[nodiscard]] bool may_start(unsigned account) const { return kept(account) <= most_kept_; }

  private:
    struct Account {
        u32 loaded = 0; ///< by VMs that exist
        u32 kept = 0;   ///< of VMs that have ended
        [[nodiscard]] u32 used() const { return loaded + kept; }
    };

    void change(unsigned account, u32 loaded, u32 kept) EXCLUDES(lock_);
    [[nodiscard]] u32 common_in_use() const REQUIRES(lock_);

    // Zeros until start(): an object that boot code holds takes no room in the image then.
    u32 own_ = 0; ///< of each account
    u32 common_ = 0;
    u32 most_kept_ = 0; ///< of an account that may start a VM
    mutable SpinLock lock_;
    std::array<Account, max_vms + 1> accounts_ GUARDED_BY(lock_){};
};

} // namespace trv::tee::optee
