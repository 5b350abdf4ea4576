#pragma once

#include "lib/types.hpp"

namespace trv {

inline constexpr u64 nanoseconds_per_second = 1'000'000'000;

/// Exact for 584 years: whole seconds and the rest are converted apart, so that no product overflows for any frequency
/// up to 18 GHz.
/// @param hz ticks a second; 0, where firmware left CNTFRQ_EL0 unset, makes every time 0
[[nodiscard]] constexpr u64 ticks_to_nanoseconds(u64 ticks, u64 hz) {
    if (hz == 0) {
        return 0;
    }
    return ticks / hz * nanoseconds_per_second + ticks % hz * nanoseconds_per_second / hz;
}

} // namespace trv
