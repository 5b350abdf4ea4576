// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory for RPC arguments from guests that pass none with their calls (CALL_WITH_ARG), and the cache of it that such a
// guest may enable. OP-TEE is not involved in either.

#include "memory/physical/pin.hpp"
#include "sync/spinlock.hpp"
#include "tee/optee/config.hpp"
#include "tee/optee/guest/guest_block.hpp"

#include <array>
#include <optional>

namespace trv::tee::optee {

struct RpcMemory {
    memory::Pin pin;
    GuestBlock block;
    u64 guest_cookie = 0;
};

class RpcMemoryCache {
  public:
    void enable() EXCLUDES(lock_) {
        const Guard guard(lock_);
        enabled_ = true;
    }
    void disable() EXCLUDES(lock_) {
        const Guard guard(lock_);
        enabled_ = false;
    }
    /// @return whether the cache accepted it
    [[nodiscard]] bool put(RpcMemory& memory) EXCLUDES(lock_) {
        const Guard guard(lock_);
        if (!enabled_ || count_ == entries_.size()) {
            return false;
        }
        entries_[count_++] = std::move(memory);
        memory = RpcMemory();
        return true;
    }
    [[nodiscard]] std::optional<RpcMemory> take() EXCLUDES(lock_) {
        const Guard guard(lock_);
        if (count_ == 0) {
            return std::nullopt;
        }
        return std::move(entries_[--count_]);
    }
    /// A new driver has started: drops and unpins all.
    void clear() EXCLUDES(lock_) {
        const Guard guard(lock_);
        enabled_ = false;
        while (count_ != 0) {
            entries_[--count_] = RpcMemory();
        }
    }

  private:
    SpinLock lock_;
    std::array<RpcMemory, max_threads> entries_ GUARDED_BY(lock_);
    unsigned count_ GUARDED_BY(lock_) = 0;
    bool enabled_ GUARDED_BY(lock_) = false;
};

} // namespace trv::tee::optee
