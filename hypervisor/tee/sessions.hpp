#pragma once
// The sessions a VM has open, so that their number can be bounded.

#include "lib/spinlock.hpp"
#include "tee/index_table.hpp"

namespace trv::tee {

class Sessions {
  public:
    /// @param limit sessions open or being opened at one time
    [[nodiscard]] Result<void> create(u32 limit);

    /// A place for the session that is about to be opened.
    /// @return false at the limit
    [[nodiscard]] bool reserve() EXCLUDES(lock_);
    /// Ends a reservation: the session was opened.
    void opened(u32 session) EXCLUDES(lock_);
    /// Ends a reservation: it was not.
    void cancel() EXCLUDES(lock_);
    /// Nothing happens for a session that is not known.
    void closed(u32 session) EXCLUDES(lock_);
    /// A new driver knows none of them.
    void forget() EXCLUDES(lock_);

    [[nodiscard]] u32 count() const EXCLUDES(lock_);

  private:
    mutable SpinLock lock_;
    u32 limit_ = 0;
    u32 reserved_ GUARDED_BY(lock_) = 0;
    IndexTable open_ GUARDED_BY(lock_);
};

} // namespace trv::tee
