// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/tables/sessions.hpp"

namespace trv::tee::optee {

Sessions::Sessions(AddressSpaces* spaces, unsigned account) : spaces_(spaces), account_(account) {}

Result<void> Sessions::create(u32 limit) {
    limit_ = limit;
    const u32 room = limit + max_threads; // each call may probe
    IndexTable open = TRY(IndexTable::create(room));
    HeapArray<Lost> lost = TRY(HeapArray<Lost>::create(room));
    const Guard guard(lock_);
    open_ = std::move(open);
    lost_ = std::move(lost);
    return {};
}

Sessions::~Sessions() {
    const Guard guard(lock_);
    give_back(total() + applications_.idle());
}

/// Open, lost, and being opened or closed.
u32 Sessions::total() const {
    return open_.size() + lost_count_.load(std::memory_order_relaxed) + reserved_;
}

bool Sessions::take_space() {
    const auto from = spaces_ != nullptr ? spaces_->take(account_) : AddressSpaces::From::Own;
    if (from == AddressSpaces::From::None) {
        applications_.doubt(); // what stayed loaded when it was probed may have gone since
    }
    if (from != AddressSpaces::From::Own) {
        has_doubts_.store(true, std::memory_order_relaxed);
    }
    return from != AddressSpaces::From::None;
}

void Sessions::take_space_in_any_case() {
    if (spaces_ != nullptr) {
        spaces_->take_in_any_case(account_);
    }
}

void Sessions::give_back(u32 count) {
    if (spaces_ != nullptr) {
        spaces_->give_back(account_, count);
    }
}

void Sessions::leave(u32 application) {
    if (!applications_.end(application)) {
        give_back(1);
    }
}

std::optional<u32> Sessions::reserve(const Uuid& uuid) {
    const Guard guard(lock_);
    if (total() >= limit_) {
        return std::nullopt;
    }
    const Applications::Known known = applications_.begin(uuid);
    if (!known.has_space && !take_space()) {
        (void)applications_.end(known.application); // which has other sessions
        return std::nullopt;
    }
    ++reserved_;
    return known.application;
}

u32 Sessions::fetched(u32 application, const Uuid& uuid) {
    const Guard guard(lock_);
    const Applications::Known known = applications_.fetched(application, uuid);
    if (known.has_space) {
        give_back(1);
    } else if (known.application == Applications::unknown) {
        take_space_in_any_case();
    }
    if (applications_.idle() >= Applications::most / 2) { // or there would be no place for their names
        has_doubts_.store(true, std::memory_order_relaxed);
    }
    return known.application;
}

void Sessions::fetched_beside(const Uuid& uuid) {
    const Guard guard(lock_);
    if (applications_.fetched_beside(uuid)) {
        take_space_in_any_case();
    }
}

std::optional<u32> Sessions::begin_close(u32 session) {
    const Guard guard(lock_);
    const std::optional<u32> application = open_.find(session);
    if (open_.remove(session)) {
        ++reserved_;
    }
    return application;
}

void Sessions::opened(u32 session, bool known, u32 application) {
    const Guard guard(lock_);
    --reserved_;
    if (!known) {
        const u32 count = lost_count_.load(std::memory_order_relaxed);
        lost_[count] = {session, application};
        lost_count_.store(count + 1, std::memory_order_relaxed);
    } else if (open_.find(session)) { // OP-TEE has given its number again
        leave(application);
    } else {
        open_.insert(session, application);
    }
}

void Sessions::cancel(u32 application) {
    const Guard guard(lock_);
    --reserved_;
    leave(application);
}

void Sessions::lose_all() {
    const Guard guard(lock_);
    Lost* const lost = lost_.begin(); // has room for all: each was counted when it was reserved
    u32 count = lost_count_.load(std::memory_order_relaxed);
    open_.for_each(
        [lost, &count](u64 session, u32 application) { lost[count++] = {static_cast<u32>(session), application}; });
    lost_count_.store(count, std::memory_order_relaxed);
    open_.clear();
}

std::optional<Sessions::Lost> Sessions::take_lost() {
    const Guard guard(lock_);
    const u32 count = lost_count_.load(std::memory_order_relaxed);
    if (count == 0) {
        return std::nullopt;
    }
    lost_count_.store(count - 1, std::memory_order_relaxed);
    ++reserved_;
    return lost_[count - 1];
}

std::optional<Applications::Probe> Sessions::reserve_probe() {
    const Guard guard(lock_);
    if (total() >= limit_ + max_threads) {
        return std::nullopt;
    }
    const std::optional<Applications::Probe> probe = applications_.begin_probe();
    if (probe) {
        ++reserved_;
    } else {
        has_doubts_.store(false, std::memory_order_relaxed);
    }
    return probe;
}

void Sessions::probed(const Uuid& uuid, bool loaded) {
    const Guard guard(lock_);
    if (applications_.probed(uuid, loaded)) {
        give_back(1);
    }
}

u32 Sessions::count() const {
    const Guard guard(lock_);
    return open_.size() + lost_count_.load(std::memory_order_relaxed);
}

} // namespace trv::tee::optee
