// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's open sessions: limits their number, and finds those whose driver is gone, to close them.

#include "sync/spinlock.hpp"
#include "tee/optee/shared_memory/index_table.hpp"
#include "tee/optee/tables/address_spaces.hpp"

#include <atomic>
#include <optional>
#include <utility>

namespace trv::tee::optee {

class Sessions {
  public:
    /// @param spaces of all VMs: each session may take one
    /// @param vm     index in the table of virtual machines
    Sessions(AddressSpaces& spaces, unsigned vm) : spaces_(spaces), vm_(vm) {}
    ~Sessions();
    Sessions(const Sessions&) = delete;
    Sessions& operator=(const Sessions&) = delete;

    /// @param limit maximum number of sessions that are open, or being opened or closed
    [[nodiscard]] Result<void> create(u32 limit);

    /// Reserves an entry for a session that is about to be opened.
    /// @return false at the limit, or if other VMs use what this one has no right to
    [[nodiscard]] bool reserve() EXCLUDES(lock_);
    /// The session is about to be closed: its entry becomes a reservation. From here on OP-TEE may reuse its number.
    /// @return false, without a change, if it is not open
    [[nodiscard]] bool begin_close(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: the session is open.
    /// @param known whether a driver knows of it; otherwise it is lost
    void opened(u32 session, bool known) EXCLUDES(lock_);
    /// Ends a reservation without a session.
    void cancel() EXCLUDES(lock_);

    /// Marks all as lost, because their driver is gone.
    void lose_all() EXCLUDES(lock_);
    /// Whether a lost session may exist. A hint, without a lock: another CPU may take it.
    [[nodiscard]] bool has_lost() const { return lost_count_.load(std::memory_order_relaxed) != 0; }
    /// Takes one of them, to be closed: its entry becomes a reservation.
    [[nodiscard]] std::optional<u32> take_lost() EXCLUDES(lock_);

    /// How many are being opened or closed.
    [[nodiscard]] u32 changing() const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return reserved_;
    }
    /// Including lost ones.
    [[nodiscard]] u32 count() const EXCLUDES(lock_);

  private:
    [[nodiscard]] bool reserve_entry() EXCLUDES(lock_);

    AddressSpaces& spaces_;
    const unsigned vm_;
    mutable SpinLock lock_;
    u32 limit_ = 0;
    u32 reserved_ GUARDED_BY(lock_) = 0;
    IndexTable open_ GUARDED_BY(lock_);
    HeapArray<u32> lost_ GUARDED_BY(lock_);
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
    /// From Sessions::reserve(), begin_close() or take_lost(), which has just succeeded.
    void hold(Sessions& sessions) { sessions_ = &sessions; }
    /// Precondition: it holds one. Parameters: as Sessions::opened().
    void become(u32 session, bool known) { std::exchange(sessions_, nullptr)->opened(session, known); }
    void cancel() {
        if (Sessions* const sessions = std::exchange(sessions_, nullptr)) {
            sessions->cancel();
        }
    }

  private:
    Sessions* sessions_ = nullptr;
};

} // namespace trv::tee::optee
