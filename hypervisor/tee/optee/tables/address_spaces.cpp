// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/tables/address_spaces.hpp"

#include <algorithm>

namespace trv::tee::optee {

void AddressSpaces::start(const Sharing& sharing) {
    const u32 wanted = sharing.host_makes_vms ? max_vms : sharing.vms;
    const u32 partitions = std::clamp(wanted, 1U, std::max(1U, sharing.partitions));
    const u32 accounts = std::clamp(sharing.vms + (sharing.host_makes_vms ? 1 : 0), 1U, partitions);
    // Those of partitions are kept free for VMs to come: no VM finds that others' applications have taken its own.
    const u32 left = std::max(sharing.address_spaces, partitions + 1) - partitions;
    own_ = std::max(1U, left / (2 * accounts));
    common_ = left - std::min(left, own_ * accounts);
    most_kept_ = sharing.address_spaces / (2 * std::max(2U, accounts));
}

AddressSpaces::From AddressSpaces::take(unsigned account) {
    const Guard guard(lock_);
    const bool has_own = accounts_[account].used() < own_;
    if (!has_own && common_in_use() >= common_) {
        return From::None;
    }
    ++accounts_[account].loaded;
    return has_own ? From::Own : From::Common;
}

/// @param loaded may be negative
void AddressSpaces::change(unsigned account, u32 loaded, u32 kept) {
    const Guard guard(lock_);
    accounts_[account].loaded += loaded;
    accounts_[account].kept += kept;
}

u32 AddressSpaces::kept(unsigned account) const {
    const Guard guard(lock_);
    return accounts_[account].kept;
}

u32 AddressSpaces::common_in_use() const {
    u32 sum = 0;
    for (const Account& account : accounts_) {
        sum += account.used() - std::min(account.used(), own_);
    }
    return sum;
}

} // namespace trv::tee::optee
