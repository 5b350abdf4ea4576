// SPDX-License-Identifier: Apache-2.0
#pragma once
// A clock that tests set: one tick per nanosecond. It is stopped, or advances at each read.

#include "lib/time/time.hpp"
#include "lib/types.hpp"

#include <atomic>

namespace trv::arch {

inline constinit std::atomic<u64> fake_ticks = 0;
inline constinit u64 fake_ticks_per_look = 0;
inline constinit u64 entry_ticks = 0;

[[nodiscard]] inline u64 ticks() {
    return fake_ticks.fetch_add(fake_ticks_per_look);
}
[[nodiscard]] inline u64 tick_hz() {
    return 1'000'000'000;
}
[[nodiscard]] inline u64 nanoseconds_since_entry() {
    return ticks_to_nanoseconds(ticks() - entry_ticks, tick_hz());
}

} // namespace trv::arch
