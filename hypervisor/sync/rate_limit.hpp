// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rate limit for log lines that a guest can cause: each source has a token bucket; suppressed lines are counted and
// reported.

#include "arch/cpu/clock.hpp"
#include "lib/log.hpp"
#include "lib/types.hpp"
#include "sync/spinlock.hpp"

#include <optional>

namespace trv {

/// A token bucket: `burst` lines at once, then one every `interval`. Safe to use from several CPUs.
class RateLimit {
  public:
    constexpr explicit RateLimit(u32 burst = 8, u64 interval_ns = 1'000'000'000)
        : burst_(burst), interval_ns_(interval_ns), tokens_(burst) {}

    /// Requests one line.
    /// @param now_ns time in nanoseconds, never decreasing but for the skew of parallel callers
    /// @return the number of lines suppressed since the last one that passed, or nothing if this one is suppressed as
    /// well
    [[nodiscard]] std::optional<u64> pass(u64 now_ns) EXCLUDES(lock_) {
        const Guard guard(lock_);
        refill(now_ns);
        if (tokens_ == 0) {
            ++suppressed_;
            return std::nullopt;
        }
        --tokens_;
        const u64 suppressed = suppressed_;
        suppressed_ = 0;
        return suppressed;
    }

  private:
    void refill(u64 now_ns) REQUIRES(lock_) {
        if (now_ns <= refilled_ns_) {
            return;
        }
        const u64 earned = (now_ns - refilled_ns_) / interval_ns_;
        if (earned >= burst_ - tokens_) {
            tokens_ = burst_;
            refilled_ns_ = now_ns;
        } else {
            tokens_ += static_cast<u32>(earned);
            refilled_ns_ += earned * interval_ns_;
        }
    }

    SpinLock lock_;
    u32 burst_;
    u64 interval_ns_;
    u32 tokens_ GUARDED_BY(lock_);
    u64 refilled_ns_ GUARDED_BY(lock_) = 0;
    u64 suppressed_ GUARDED_BY(lock_) = 0;
};

/// log() for lines that a guest can cause.
template <typename... Arguments>
void log_limited([[maybe_unused]] RateLimit& limit, [[maybe_unused]] std::string_view pattern,
                 [[maybe_unused]] const Arguments&... arguments) {
    if constexpr (is_logged(LogLevel::Guests)) {
        const std::optional<u64> suppressed = limit.pass(arch::nanoseconds_since_entry());
        if (!suppressed) {
            return;
        }
        if (*suppressed != 0) {
            log("({} similar lines suppressed)", *suppressed);
        }
        log(pattern, arguments...);
    }
}

} // namespace trv
