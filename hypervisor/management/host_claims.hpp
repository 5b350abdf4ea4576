// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which of the host's sessions has what: a VM that it made, the VM's channels, the VM's devices.

#include "contract/limits.hpp"
#include "management/host_sessions.hpp"
#include "management/host_vms.hpp"
#include "management/host_waits.hpp"
#include "sync/spinlock.hpp"

#include <array>
#include <expected>

namespace trv::management {

/// A claim lasts as long as its session. Any CPU; each function is bounded by the numbers of sessions and VMs.
class HostClaims {
  public:
    using TeeResult = tee::manager::TeeResult;
    using SessionId = tee::manager::SessionId;

    HostClaims() = default;
    HostClaims(const HostClaims&) = delete;
    HostClaims& operator=(const HostClaims&) = delete;

    /// Opens a session, which has read the events up to a position. @return Busy if there are too many
    [[nodiscard]] TeeResult open(SessionId& session, u64 events_position) EXCLUDES(lock_);
    /// Closes a session, and ends its claims. @param abandoned gets the VMs that end with it, in any places
    /// @return false if it is not open
    [[nodiscard]] bool close(SessionId session, std::array<vm::VmHandle, max_vms>& abandoned) EXCLUDES(lock_);
    /// The session of an entry, of which there are HostSessions::most. @return 0 if the entry is free
    [[nodiscard]] SessionId at(std::size_t entry) EXCLUDES(lock_) {
        const Guard guard(lock_);
        return sessions_.at(entry);
    }
    [[nodiscard]] bool is_open(SessionId session) EXCLUDES(lock_);
    /// Calls use(HostSessions::Session&) under the lock. @return false if the session is not open
    template <typename Use>
    [[nodiscard]] bool with_session(SessionId id, Use use) EXCLUDES(lock_) {
        const Guard guard(lock_);
        HostSessions::Session* const session = sessions_.find(id);
        if (session != nullptr) {
            use(*session);
        }
        return session != nullptr;
    }

    /// A session has made a VM. @param owner of it; 0: the VM outlives the session
    /// @return false if the session was closed meanwhile, by another CPU
    [[nodiscard]] bool add(const HostVms::Made& made, SessionId session, SessionId owner) EXCLUDES(lock_);
    /// Whether the VM belongs to another session.
    [[nodiscard]] bool is_others(SessionId session, vm::VmHandle vm) EXCLUDES(lock_);
    /// A VM's channel becomes the session's. @return Busy if it is another's
    [[nodiscard]] TeeResult claim_channel(SessionId session, unsigned channel) EXCLUDES(lock_);
    /// The session serves the VM from now on. @return its number; Busy if another one does, ItemNotFound
    [[nodiscard]] std::expected<unsigned, TeeResult> claim_devices(SessionId session, vm::VmHandle vm) EXCLUDES(lock_);
    /// Those of the channels that no other session has.
    [[nodiscard]] ChannelBits reachable(SessionId session, ChannelBits channels) EXCLUDES(lock_);

  private:
    /// What of a VM one session uses at a time: who reads and writes its console, and its agent's port; who serves its devices.
    enum Use : unsigned { Console, Agent, Devices, UseCount };
    /// Of a VM that the host made.
    struct Ownership {
        vm::VmHandle vm{};
        SessionId owner{}; ///< 0: the VM outlives the session that made it
        std::array<SessionId, UseCount> users{};
    };
    /// Whether a session may take what `user` has: nothing, or itself.
    [[nodiscard]] static bool may_take(SessionId session, SessionId user) {
        return user == SessionId{} || user == session;
    }
    [[nodiscard]] TeeResult claim(SessionId session, SessionId& user) REQUIRES(lock_);

    SpinLock lock_; ///< of the others only the events' is taken under it
    HostSessions sessions_ GUARDED_BY(lock_);
    std::array<Ownership, max_vms> owned_ GUARDED_BY(lock_){}; ///< by the VM's number
};

} // namespace trv::management
