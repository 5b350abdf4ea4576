// SPDX-License-Identifier: Apache-2.0
#include "management/host_claims.hpp"

#include "contract/manager.hpp"

#include <algorithm>
#include <utility>

namespace trv::management {

HostClaims::TeeResult HostClaims::open(SessionId& session, u64 events_position) {
    const Guard guard(lock_);
    const HostSessions::Session* const opened = sessions_.open(events_position);
    if (opened == nullptr) {
        return TeeResult::Busy;
    }
    session = opened->id;
    return TeeResult::Success;
}

bool HostClaims::close(SessionId id, std::array<vm::VmHandle, max_vms>& abandoned) {
    const Guard guard(lock_);
    HostSessions::Session* const session = sessions_.find(id);
    if (session == nullptr) {
        return false;
    }
    *session = {};
    for (unsigned vm = 0; vm < max_vms; ++vm) {
        Ownership& owned = owned_[vm];
        if (owned.owner == id) {
            abandoned[vm] = std::exchange(owned, {}).vm;
        }
        std::ranges::replace(owned.users, id, SessionId{});
    }
    return true;
}

bool HostClaims::is_open(SessionId session) {
    const Guard guard(lock_);
    return sessions_.find(session) != nullptr;
}

bool HostClaims::add(const HostVms::Made& made, SessionId session, SessionId owner) {
    const Guard guard(lock_);
    Ownership& owned = owned_[made.number];
    if (made.handle > owned.vm) { // otherwise it was forgotten meanwhile, and the number is another VM's
        owned = {made.handle, owner, {owner, owner, owner}};
    }
    return sessions_.find(session) != nullptr;
}

bool HostClaims::is_others(SessionId session, vm::VmHandle vm) {
    const Guard guard(lock_);
    const auto owned = std::ranges::find(owned_, vm, &Ownership::vm);
    return owned != owned_.end() && !may_take(session, owned->owner);
}

HostClaims::TeeResult HostClaims::claim(SessionId session, SessionId& user) {
    if (sessions_.find(session) == nullptr || !may_take(session, user)) {
        return TeeResult::Busy;
    }
    user = session;
    return TeeResult::Success;
}

HostClaims::TeeResult HostClaims::claim_channel(SessionId session, unsigned channel) {
    const Guard guard(lock_);
    return claim(session, owned_[contract::vm_of(channel)].users[contract::is_agent(channel) ? Agent : Console]);
}

std::expected<unsigned, HostClaims::TeeResult> HostClaims::claim_devices(SessionId session, vm::VmHandle vm) {
    const Guard guard(lock_);
    const auto owned = std::ranges::find(owned_, vm, &Ownership::vm);
    if (vm == vm::VmHandle{} || owned == owned_.end() || !may_take(session, owned->owner)) {
        return std::unexpected(TeeResult::ItemNotFound);
    }
    if (const TeeResult claimed = claim(session, owned->users[Devices]); claimed != TeeResult::Success) {
        return std::unexpected(claimed);
    }
    return static_cast<unsigned>(owned - owned_.begin());
}

ChannelBits HostClaims::reachable(SessionId session, ChannelBits channels) {
    const Guard guard(lock_);
    for (unsigned vm = 0; vm < max_vms; ++vm) {
        for (unsigned use = 0; use < UseCount; ++use) {
            const ChannelBits bit =
                use == Devices ? contract::manager::devices_bit(vm) : bit_of(contract::console_channel(vm) + use);
            channels &= may_take(session, owned_[vm].users[use]) ? ~ChannelBits{0} : ~bit;
        }
    }
    return channels;
}

} // namespace trv::management
