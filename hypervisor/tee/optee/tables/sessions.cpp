// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/tables/sessions.hpp"

namespace trv::tee::optee {

Result<void> Sessions::create(u32 limit) {
    limit_ = limit;
    IndexTable open = TRY(IndexTable::create(limit));
    HeapArray<u32> lost = TRY(HeapArray<u32>::create(limit));
    const Guard guard(lock_);
    open_ = std::move(open);
    lost_ = std::move(lost);
    return {};
}

Sessions::~Sessions() {
    spaces_.give_back(vm_, count() + changing());
}

bool Sessions::reserve() {
    if (!spaces_.take(vm_)) {
        return false;
    }
    if (!reserve_entry()) {
        spaces_.give_back(vm_);
        return false;
    }
    return true;
}

bool Sessions::reserve_entry() {
    const Guard guard(lock_);
    if (open_.size() + lost_count_.load(std::memory_order_relaxed) + reserved_ >= limit_) {
        return false;
    }
    ++reserved_;
    return true;
}

bool Sessions::begin_close(u32 session) {
    const Guard guard(lock_);
    if (!open_.remove(session)) {
        return false;
    }
    ++reserved_;
    return true;
}

void Sessions::opened(u32 session, bool known) {
    bool twice = false;
    {
        const Guard guard(lock_);
        --reserved_;
        if (!known) {
            const u32 count = lost_count_.load(std::memory_order_relaxed);
            lost_[count] = session;
            lost_count_.store(count + 1, std::memory_order_relaxed);
        } else if (open_.find(session)) {
            twice = true;
        } else {
            open_.insert(session, 0);
        }
    }
    if (twice) {
        spaces_.give_back(vm_);
    }
}

void Sessions::cancel() {
    {
        const Guard guard(lock_);
        --reserved_;
    }
    spaces_.give_back(vm_);
}

void Sessions::lose_all() {
    const Guard guard(lock_);
    u32* const lost = lost_.begin(); // has room for all: each was counted when it was reserved
    u32 count = lost_count_.load(std::memory_order_relaxed);
    open_.for_each_key([lost, &count](u64 session) { lost[count++] = static_cast<u32>(session); });
    lost_count_.store(count, std::memory_order_relaxed);
    open_.clear();
}

std::optional<u32> Sessions::take_lost() {
    const Guard guard(lock_);
    const u32 count = lost_count_.load(std::memory_order_relaxed);
    if (count == 0) {
        return std::nullopt;
    }
    lost_count_.store(count - 1, std::memory_order_relaxed);
    ++reserved_;
    return lost_[count - 1];
}

u32 Sessions::count() const {
    const Guard guard(lock_);
    return open_.size() + lost_count_.load(std::memory_order_relaxed);
}

} // namespace trv::tee::optee
