// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace trv::tool {

/// The smaller of two time-outs in milliseconds; a negative one is none.
[[nodiscard]] constexpr int sooner(int a, int b) {
    return a < 0 ? b : b < 0 ? a : std::min(a, b);
}

/// A deadline; none until it is set.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    void set(double seconds) {
        at_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{seconds});
    }
    void clear() { at_.reset(); }
    [[nodiscard]] bool is_set() const { return at_.has_value(); }
    [[nodiscard]] bool passed() const { return at_ && Clock::now() >= *at_; }

    /// Milliseconds left, rounded up; -1 when it is not set.
    [[nodiscard]] int milliseconds() const {
        if (!at_) {
            return -1;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at_ - Clock::now()).count();
        return static_cast<int>(std::clamp<long long>(left, 0, 1'000'000'000));
    }

  private:
    std::optional<Clock::time_point> at_;
};

} // namespace trv::tool
