// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's open sessions: limits their number and their address spaces, and finds those whose driver is gone, to close them.

#include "sync/spinlock.hpp"
#include "tee/optee/config.hpp"
#include "tee/optee/shared_memory/index_table.hpp"
#include "tee/optee/tables/address_spaces.hpp"
#include "tee/optee/tables/applications.hpp"

#include <atomic>
#include <optional>
#include <utility>

namespace trv::tee::optee {

/// Each has an application, which may be unknown. It takes an address space, unless its application has one already, for
/// it may have stayed loaded; there it may stay when the last session is closed.
class Sessions {
  public:
    /// @param spaces  OP-TEE's; null if these sessions are not OP-TEE's
    /// @param account in which they count
    Sessions(AddressSpaces* spaces, unsigned account);
    ~Sessions();
    Sessions(const Sessions&) = delete;
    Sessions& operator=(const Sessions&) = delete;

    /// @param limit maximum number of sessions that are open, or being opened or closed
    [[nodiscard]] Result<void> create(u32 limit);

    /// Reserves an entry for a session that is about to be opened.
    /// @return its application; nothing at the limit, or if other VMs use what this one has no right to
    [[nodiscard]] std::optional<u32> reserve(const Uuid& uuid = {}) EXCLUDES(lock_);
    /// OP-TEE fetched the application that a session is being opened to. @return its number
    [[nodiscard]] u32 fetched(u32 application, const Uuid& uuid) EXCLUDES(lock_);
    /// OP-TEE fetched one for another application, or a library.
    void fetched_beside(const Uuid& uuid) EXCLUDES(lock_);
    /// OP-TEE does not have the application that a session was to be opened to. @return its number from now on
    [[nodiscard]] u32 missing(u32 application) EXCLUDES(lock_) {
        const Guard guard(lock_);
        return applications_.missing(application);
    }
    /// The session is about to be closed: its entry becomes a reservation. From here on OP-TEE may reuse its number.
    /// @return its application; nothing, without a change, if it is not open
    [[nodiscard]] std::optional<u32> begin_close(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: the session is open.
    /// @param known whether a driver knows of it; otherwise it is lost
    void opened(u32 session, bool known, u32 application = Applications::unknown) EXCLUDES(lock_);
    /// Ends a reservation without a session.
    void cancel(u32 application = Applications::unknown) EXCLUDES(lock_);

    /// Marks all as lost, because their driver is gone.
    void lose_all() EXCLUDES(lock_);
    /// Whether a lost session may exist. A hint, without a lock: another CPU may take it.
    [[nodiscard]] bool has_lost() const { return lost_count_.load(std::memory_order_relaxed) != 0; }
    struct Lost {
        u32 session = 0;
        u32 application = Applications::unknown;
    };
    /// Takes one of them, to be closed: its entry becomes a reservation.
    [[nodiscard]] std::optional<Lost> take_lost() EXCLUDES(lock_);

    // Probes: sessions that only look whether an application is still loaded. It has its address space already.

    /// Whether some are worthwhile, because the VM uses more than its part. A hint, without a lock.
    [[nodiscard]] bool has_doubts() const { return has_doubts_.load(std::memory_order_relaxed); }
    /// Reserves an entry, also beyond the limit: one for each call.
    [[nodiscard]] std::optional<Applications::Probe> reserve_probe() EXCLUDES(lock_);
    void probed(const Uuid& uuid, bool loaded) EXCLUDES(lock_);
    /// All applications without a session must be probed.
    void doubt() EXCLUDES(lock_) {
        const Guard guard(lock_);
        applications_.doubt();
    }
    /// Those that were not probed.
    [[nodiscard]] u32 doubtful() const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return applications_.doubtful();
    }

    /// How many are being opened or closed.
    [[nodiscard]] u32 changing() const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return reserved_;
    }
    /// Including lost ones.
    [[nodiscard]] u32 count() const EXCLUDES(lock_);

  private:
    [[nodiscard]] u32 total() const REQUIRES(lock_);
    [[nodiscard]] bool take_space() REQUIRES(lock_);
    void take_space_in_any_case();
    void give_back(u32 count);
    /// A session to the application has ended.
    void leave(u32 application) REQUIRES(lock_);

    AddressSpaces* const spaces_;
    const unsigned account_;
    std::atomic<bool> has_doubts_ = false;
    mutable SpinLock lock_; ///< before that of the address spaces
    Applications applications_ GUARDED_BY(lock_);
    u32 limit_ = 0;
    u32 reserved_ GUARDED_BY(lock_) = 0;
    IndexTable open_ GUARDED_BY(lock_); ///< the application of each
    HeapArray<Lost> lost_ GUARDED_BY(lock_);
    std::atomic<u32> lost_count_ = 0; ///< number of entries in lost_; changes under lock_
};

/// A call's reservation; cancelled at its end, unless there is an open session then.
class SessionReservation {
  public:
    SessionReservation() = default;
    ~SessionReservation() { cancel(); }
    SessionReservation(const SessionReservation&) = delete;
    SessionReservation& operator=(const SessionReservation&) = delete;

    [[nodiscard]] explicit operator bool() const { return sessions_ != nullptr; }
    /// From Sessions::reserve(), begin_close(), take_lost() or reserve_probe(), which has just succeeded.
    void hold(Sessions& sessions, u32 application) {
        sessions_ = &sessions;
        application_ = application;
    }
    /// Precondition of all below: it holds one. Parameters: as those of Sessions.
    void fetched(const Uuid& uuid) { application_ = sessions_->fetched(application_, uuid); }
    void missing() { application_ = sessions_->missing(application_); }
    void become(u32 session, bool known) { std::exchange(sessions_, nullptr)->opened(session, known, application_); }
    void cancel() {
        if (Sessions* const sessions = std::exchange(sessions_, nullptr)) {
            sessions->cancel(application_);
        }
    }

  private:
    Sessions* sessions_ = nullptr;
    u32 application_ = Applications::unknown;
};

} // namespace trv::tee::optee
