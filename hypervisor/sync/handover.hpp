// SPDX-License-Identifier: Apache-2.0
#pragma once
// A resource that one CPU at a time serves, for all of them. A CPU that finds it served does not wait: it posts its
// work, and the CPU that serves takes that over before it leaves, or leaves it posted for the next one. Nothing that was
// posted is lost, and no CPU ever spins.
//
//     if (handover.post(work)) {
//         do {
//             serve(handover.take());
//         } while (handover.release() != 0 && handover.post(0));
//     }

#include "lib/thread_safety.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv {

/// @tparam Atomic std::atomic; tests have one that tries all interleavings
template <template <typename> typename Atomic>
class TRV_CAPABILITY("handover") BasicHandover {
  public:
    /// Work is a set: what is posted twice before it is taken is there once.
    static constexpr u64 all_work = ~(u64{1} << 63);

    constexpr BasicHandover() = default;
    BasicHandover(const BasicHandover&) = delete;
    BasicHandover& operator=(const BasicHandover&) = delete;

    /// Takes the resource if it is neither served nor has anything posted: then there is nothing to take() either.
    [[nodiscard]] bool try_begin() TRY_ACQUIRE(true) {
        u64 idle = 0;
        // Acquire: pairs with the release in release(), so that what the server before left is seen.
        return word_.compare_exchange_strong(idle, served, std::memory_order_acquire, std::memory_order_relaxed);
    }

    /// Adds `work` to what is posted.
    /// @return whether the caller serves from now on, and has to take() and release(); if not, another CPU does
    [[nodiscard]] bool post(u64 work) TRY_ACQUIRE(true) {
        // Release: pairs with the acquire in take(), so that the server sees what the work is about. Acquire: as above.
        return (word_.fetch_or(work | served, std::memory_order_acq_rel) & served) == 0;
    }

    /// @return all that is posted, which is not posted any more
    [[nodiscard]] u64 take() REQUIRES(this) { return word_.exchange(served, std::memory_order_acq_rel) & all_work; }

    /// Stops serving.
    /// @return what was posted since take() and stays posted for the next CPU that posts. To serve it at once, post(0)
    u64 release() RELEASE() {
        // Acquire, too: the caller may look at what was posted.
        return word_.fetch_and(all_work, std::memory_order_acq_rel) & all_work;
    }

    /// Whether it is served, or has anything posted. Acquire: what was served before a `false` is seen.
    [[nodiscard]] bool is_busy() const { return word_.load(std::memory_order_acquire) != 0; }

  private:
    static constexpr u64 served = ~all_work;

    Atomic<u64> word_ = 0; ///< what is posted, and whether it is served: in one word, or post() could miss release()
};

using Handover = BasicHandover<std::atomic>;

} // namespace trv
