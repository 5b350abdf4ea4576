// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <optional>

namespace trv {

/// The date, from one reading of a real-time clock and the ticks that have passed since.
class WallClock {
  public:
    /// @param seconds since 1970, as a 32-bit clock counts them: it wraps in 2106
    /// @param ticks   the counter when the clock was read
    /// @param hz      ticks a second; 0, where firmware left CNTFRQ_EL0 unset, makes the clock stand still
    constexpr WallClock(u32 seconds, u64 ticks, u64 hz) : seconds_(seconds), ticks_(ticks), hz_(hz) {}

    /// Returns seconds since 1970.
    [[nodiscard]] constexpr u32 at(u64 ticks) const {
        return hz_ == 0 ? seconds_ : seconds_ + static_cast<u32>((ticks - ticks_) / hz_);
    }

  private:
    u32 seconds_;
    u64 ticks_;
    u64 hz_;
};

} // namespace trv
