// SPDX-License-Identifier: Apache-2.0
#pragma once
// The trusted applications that OP-TEE fetched from this VM, and that may stay loaded after the VM's end.

#include "lib/fixed_vector.hpp"
#include "sync/spinlock.hpp"
#include "tee/optee/uuid.hpp"

#include <algorithm>
#include <optional>

namespace trv::tee::optee {

class Applications {
  public:
    static constexpr std::size_t most = 64;

    /// One that is new and finds no room is only counted.
    void add(const Uuid& application) EXCLUDES(lock_) {
        const Guard guard(lock_);
        if (std::ranges::find(known_, application) == known_.end() && !known_.push_back(application)) {
            ++nameless_;
        }
    }

    /// Removes and returns one of them.
    [[nodiscard]] std::optional<Uuid> take() EXCLUDES(lock_) {
        const Guard guard(lock_);
        return known_.pop_back();
    }

    /// How many there were no names kept of: each may still be loaded.
    [[nodiscard]] u32 nameless() const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return nameless_;
    }

  private:
    mutable SpinLock lock_;
    FixedVector<Uuid, most> known_ GUARDED_BY(lock_);
    u32 nameless_ GUARDED_BY(lock_) = 0;
};

} // namespace trv::tee::optee
