#pragma once
// The trusted applications that OP-TEE fetched from this VM: what may still be loaded when the VM is gone.

#include "lib/fixed_vector.hpp"
#include "lib/spinlock.hpp"
#include "tee/uuid.hpp"

#include <algorithm>
#include <optional>

namespace trv::tee {

class Applications {
  public:
    static constexpr std::size_t most = 64;

    /// @return false if it is new and there is no room for it
    [[nodiscard]] bool add(const Uuid& application) EXCLUDES(lock_) {
        const Guard guard(lock_);
        return std::ranges::find(known_, application) != known_.end() || known_.push_back(application);
    }

    /// One of them, which is then forgotten.
    [[nodiscard]] std::optional<Uuid> take() EXCLUDES(lock_) {
        const Guard guard(lock_);
        return known_.pop_back();
    }

  private:
    SpinLock lock_;
    FixedVector<Uuid, most> known_ GUARDED_BY(lock_);
};

} // namespace trv::tee
