// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace trv::host::devices {

/// How long to wait before something that has ended begins again: what had worked for a while does so almost at once, what ends
/// again and again, which may be a guest's doing, after longer and longer.
class Backoff {
  public:
    /// @param first  the shortest delay, in seconds
    explicit constexpr Backoff(double first) : first_{first} {}

    /// It has ended.
    /// @param worked  for how long; zero: it never did
    /// @param longest  in seconds, no less than the first delay
    /// @return the delay in seconds
    [[nodiscard]] constexpr double next(std::chrono::steady_clock::duration worked, double longest) {
        delay_ = worked >= a_while ? first_ : std::clamp(delay_ * 2, first_, longest);
        return delay_;
    }

    /// What comes has nothing to do with what ended before.
    constexpr void forget() { delay_ = 0; }

  private:
    static constexpr std::chrono::seconds a_while{1};

    double first_;
    double delay_ = 0; ///< the last one
};

} // namespace trv::host::devices
