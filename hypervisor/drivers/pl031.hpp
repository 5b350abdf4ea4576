// SPDX-License-Identifier: Apache-2.0
#pragma once
// The physical PL031 real-time clock, of which one reading is all that is needed: the counter does the rest.
// [PL031 TRM DDI0224, 3.3.1]

#include "arch/memory/mmio.hpp"

namespace trv::drivers {

/// Returns RTCDR: seconds since 1970, if the firmware or a battery set the clock.
/// @param registers the device's window, mapped
[[nodiscard]] inline u32 read_pl031(Va registers) {
    return arch::read32(registers);
}

} // namespace trv::drivers
