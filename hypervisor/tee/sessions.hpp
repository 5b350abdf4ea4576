#pragma once
// The sessions a VM has open: so that their number can be bounded, and so that those whose driver is gone can be
// closed.

#include "lib/spinlock.hpp"
#include "tee/index_table.hpp"

#include <atomic>
#include <optional>

namespace trv::tee {

class Sessions {
  public:
    /// @param limit sessions open, or being opened or closed, at one time
    [[nodiscard]] Result<void> create(u32 limit);

    /// A place for the session that is about to be opened.
    /// @return false at the limit
    [[nodiscard]] bool reserve() EXCLUDES(lock_);
    /// The session is about to be closed: its place becomes a reservation. From here on OP-TEE may give its number to
    /// another one.
    /// @return false, and nothing changes, for one that is not open
    [[nodiscard]] bool begin_close(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: the session is open.
    void opened(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: the session is open, and its driver gone.
    void opened_while_draining(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: there is no session.
    void cancel() EXCLUDES(lock_);

    /// The driver is gone that knew them.
    void lose_all() EXCLUDES(lock_);
    /// Whether one is open whose driver is gone. A guess, for free: another CPU may take it.
    [[nodiscard]] bool has_lost() const { return lost_count_.load(std::memory_order_relaxed) != 0; }
    /// One of them, to be closed: its place becomes a reservation.
    [[nodiscard]] std::optional<u32> take_lost() EXCLUDES(lock_);

    /// Those that were lost included.
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
    std::atomic<u32> lost_count_ = 0; ///< the first so many of lost_; changes under lock_
};

} // namespace trv::tee
