// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

namespace trv {

inline constexpr u64 nanoseconds_per_second = 1'000'000'000;

/// Exact for 584 years: whole seconds and the remainder are converted separately, so that no product overflows for any
/// frequency up to 18 GHz.
/// @param hz ticks per second; with 0, if firmware left CNTFRQ_EL0 unset, every time is 0
[[nodiscard]] constexpr u64 ticks_to_nanoseconds(u64 ticks, u64 hz) {
    if (hz == 0) {
        return 0;
    }
    return ticks / hz * nanoseconds_per_second + ticks % hz * nanoseconds_per_second / hz;
}

} // namespace trv
