// SPDX-License-Identifier: Apache-2.0
#pragma once
// Limits the rate of an action.

#include "lib/types.hpp"

#include <algorithm>

namespace trv {

/// A token bucket that returns the time of the next token instead of refusing: `burst` turns at once, then one per
/// interval.
class Pace {
  public:
    constexpr Pace(u64 burst, u64 interval) : interval_(interval), slack_((burst - 1) * interval) {}

    /// Takes the next turn. @return its time: `now` or later, in the unit of the interval
    [[nodiscard]] constexpr u64 next_turn(u64 now) {
        const u64 even = std::max(now, even_);
        even_ = even + interval_;
        return even - now <= slack_ ? now : even - slack_;
    }

  private:
    u64 interval_;
    u64 slack_;    ///< how far turns may run ahead of an even rate
    u64 even_ = 0; ///< the time of the next turn at an even rate
};

} // namespace trv
