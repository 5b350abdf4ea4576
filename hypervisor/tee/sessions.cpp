#include "tee/sessions.hpp"

namespace trv::tee {

Result<void> Sessions::create(u32 limit) {
    // OP-TEE may close a session behind the guest's back, and a new driver forgets them: room beyond the limit for
    // neither is needed, since what is not in the table is not counted.
    limit_ = limit;
    IndexTable table = TRY(IndexTable::create(limit));
    const Guard guard(lock_);
    open_ = std::move(table);
    return {};
}

bool Sessions::reserve() {
    const Guard guard(lock_);
    if (open_.size() + reserved_ >= limit_) {
        return false;
    }
    ++reserved_;
    return true;
}

void Sessions::opened(u32 session) {
    const Guard guard(lock_);
    --reserved_;
    if (!open_.find(session)) {
        open_.insert(session, 0);
    }
}

void Sessions::cancel() {
    const Guard guard(lock_);
    --reserved_;
}

void Sessions::closed(u32 session) {
    const Guard guard(lock_);
    open_.remove(session);
}

void Sessions::forget() {
    const Guard guard(lock_);
    open_.clear();
}

u32 Sessions::count() const {
    const Guard guard(lock_);
    return open_.size();
}

} // namespace trv::tee
