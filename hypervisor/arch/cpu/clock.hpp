// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's clock: the generic timer's physical counter, which all CPUs share and which never stops or jumps.
// [Arm ARM D12.1]

#include "lib/time/time.hpp"
#include "lib/types.hpp"

namespace trv::arch {

/// CNTPCT_EL0. Not ordered with the instructions around it: accurate to a few dozen cycles.
[[nodiscard]] inline u64 ticks() {
    u64 value;
    asm volatile("mrs %0, cntpct_el0" : "=r"(value));
    return value;
}

/// CNTFRQ_EL0: ticks per second, as set by firmware.
[[nodiscard]] inline u64 tick_hz() {
    u64 value;
    asm("mrs %0, cntfrq_el0" : "=r"(value));
    return value;
}

/// The counter when EL2 was entered; boot/ writes it once, before the first use of the clock.
inline constinit u64 entry_ticks = 0;

[[nodiscard]] inline u64 nanoseconds_since_entry() {
    return ticks_to_nanoseconds(ticks() - entry_ticks, tick_hz());
}

} // namespace trv::arch
