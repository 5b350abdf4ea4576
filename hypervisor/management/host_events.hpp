// SPDX-License-Identifier: Apache-2.0
#pragma once
// The events that programs of the host have not read yet: one ring, in which each session has its own position.

#include "console/lossy_ring.hpp"
#include "contract/manager.hpp"
#include "lib/heap_array.hpp"
#include "sync/spinlock.hpp"

#include <span>
#include <string_view>

namespace trv::management {

class HostEvents {
  public:
    HostEvents() = default;
    HostEvents(const HostEvents&) = delete;
    HostEvents& operator=(const HostEvents&) = delete;

    /// Gets its room, at the first call. Without it there are no events.
    void start() EXCLUDES(lock_);
    /// @param line with its line end
    void add(std::string_view line) EXCLUDES(lock_);
    /// The position behind the last event.
    [[nodiscard]] u64 end() const EXCLUDES(lock_) {
        const Guard guard(lock_);
        return ring_.end();
    }

    struct Read {
        u64 position; ///< behind what was read
        std::size_t bytes;
        u64 lost; ///< before what was read
    };
    /// Copies whole lines from a position on, as many as fit. @param from an earlier position, or end()
    [[nodiscard]] Read read(u64 from, std::span<u8> to) const EXCLUDES(lock_);

  private:
    mutable SpinLock lock_;
    HeapArray<u8> room_ GUARDED_BY(lock_);
    console::LossyRing ring_ GUARDED_BY(lock_);
};

} // namespace trv::management
