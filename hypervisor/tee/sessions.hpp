// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's open sessions: limits their number, and finds those whose driver is gone, to close them.

#include "sync/spinlock.hpp"
#include "tee/index_table.hpp"

#include <atomic>
#include <optional>

namespace trv::tee {

class Sessions {
  public:
    /// @param limit maximum number of sessions that are open, or being opened or closed
    [[nodiscard]] Result<void> create(u32 limit);

    /// Reserves an entry for a session that is about to be opened.
    /// @return false at the limit
    [[nodiscard]] bool reserve() EXCLUDES(lock_);
    /// The session is about to be closed: its entry becomes a reservation. From here on OP-TEE may reuse its number.
    /// @return false, without a change, if it is not open
    [[nodiscard]] bool begin_close(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: the session is open.
    void opened(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: the session is open, and its driver gone.
    void opened_while_draining(u32 session) EXCLUDES(lock_);
    /// Ends a reservation without a session.
    void cancel() EXCLUDES(lock_);

    /// Marks all as lost, because their driver is gone.
    void lose_all() EXCLUDES(lock_);
    /// Whether a lost session may exist. A hint, without a lock: another CPU may take it.
    [[nodiscard]] bool has_lost() const { return lost_count_.load(std::memory_order_relaxed) != 0; }
    /// Takes one of them, to be closed: its entry becomes a reservation.
    [[nodiscard]] std::optional<u32> take_lost() EXCLUDES(lock_);

    /// Including lost ones.
    /// How many are being opened or closed.
    [[nodiscard]] u32 changing() const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return reserved_;
    }
    [[nodiscard]] u32 count() const EXCLUDES(lock_);

  private:
    mutable SpinLock lock_;
    u32 limit_ = 0;
    u32 reserved_ GUARDED_BY(lock_) = 0;
    IndexTable open_ GUARDED_BY(lock_);
    HeapArray<u32> lost_ GUARDED_BY(lock_);
    std::atomic<u32> lost_count_ = 0; ///< number of entries in lost_; changes under lock_
};

} // namespace trv::tee
