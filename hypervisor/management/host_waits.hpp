// SPDX-License-Identifier: Apache-2.0
#pragma once
// Programs of the host that wait for output or events. Each wait ends after a while in any case: the driver sleeps
// uninterruptibly meanwhile.

#include "contract/channels.hpp"
#include "management/host_alarms.hpp"
#include "sync/spinlock.hpp"
#include "tee/manager/service.hpp"

#include <array>
#include <atomic>

namespace trv::management {

/// A bit for each channel, and for each VM's devices.
using ChannelBits = u64;
[[nodiscard]] constexpr ChannelBits bit_of(unsigned channel) {
    return ChannelBits{1} << channel;
}

class HostWaits {
  public:
    HostWaits() = default;
    HostWaits(const HostWaits&) = delete;
    HostWaits& operator=(const HostWaits&) = delete;

    /// A host's driver is there, or gone.
    /// @param most calls that may wait at a time: others need slots, too
    void start(tee::manager::Notifier& notifier, unsigned most) EXCLUDES(lock_);
    /// After it the notifier is not used. @return false, without an effect, if another's driver is there, or none
    [[nodiscard]] bool stop(tee::manager::Notifier& notifier) EXCLUDES(lock_);

    struct Wait {
        tee::manager::SessionId session{};
        ChannelBits channels = 0;
        u64 deadline = 0; ///< counter ticks
    };
    /// The call in the slot waits from now on; whether there is something already must be looked at after this.
    /// @return false if too many wait, or the driver is gone
    [[nodiscard]] bool begin(unsigned slot, const Wait& wait) EXCLUDES(lock_);
    /// It does not wait any more. No effect if it did not.
    void end(unsigned slot) EXCLUDES(lock_);

    /// There is something on these channels. Any CPU; cheap if no call waits for them.
    void signal(ChannelBits channels) EXCLUDES(lock_) {
        // The output comes before, and a waiting call looks for it after begin(): one of the two sees the other, because
        // both take the output's lock in between.
        if ((awaited_.load(std::memory_order_relaxed) & channels) != 0) {
            wake([channels](const Wait& wait) { return (wait.channels & channels) != 0; });
        }
    }
    /// Ends the waits of a session.
    void wake_all_of(tee::manager::SessionId session) EXCLUDES(lock_) {
        wake([session](const Wait& wait) { return wait.session == session; });
    }

  private:
    struct Place {
        Wait wait;
        bool waits = false;
        bool woken = false;
    };
    [[nodiscard]] u64 expire(u64 now) EXCLUDES(lock_);
    void note_awaited() REQUIRES(lock_);
    template <typename Wanted>
    void wake(Wanted wanted) EXCLUDES(lock_) {
        u32 slots = 0;
        tee::manager::Notifier* notifier;
        {
            const Guard guard(lock_);
            for (unsigned slot = 0; slot < places_.size(); ++slot) {
                Place& place = places_[slot];
                if (place.waits && !place.woken && wanted(place.wait)) {
                    place.woken = true;
                    slots |= u32{1} << slot;
                }
            }
            note_awaited(); // a call that its driver does not collect costs others nothing
            notifier = slots != 0 ? notifier_ : nullptr;
            waking_.fetch_add(notifier != nullptr ? 1 : 0, std::memory_order_relaxed);
        }
        if (notifier != nullptr) { // without the lock: who writes elsewhere must not wait for the host's vGIC
            notifier->wake(slots);
            waking_.fetch_sub(1, std::memory_order_release);
        }
    }

    SpinLock lock_; ///< no other is taken under it
    tee::manager::Notifier* notifier_ GUARDED_BY(lock_) = nullptr;
    unsigned most_ GUARDED_BY(lock_) = 0;
    std::array<Place, tee::optee::max_threads> places_ GUARDED_BY(lock_){};
    std::atomic<ChannelBits> awaited_ = 0; ///< by any; written under the lock
    std::atomic<u32> waking_ = 0;          ///< CPUs that use the notifier; raised under the lock
    HostAlarms alarms_{[](void* waits, u64 now) { return static_cast<HostWaits*>(waits)->expire(now); }, this};
};

} // namespace trv::management
