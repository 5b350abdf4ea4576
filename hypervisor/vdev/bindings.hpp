// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the nodes of a guest's device tree agree on.

#include "lib/types.hpp"

namespace trv::vdev {

inline constexpr u32 gic_phandle = 1;
inline constexpr u32 clock_phandle = 2; ///< /uart-clock, the clock of all devices that must name one

// The cells of a GIC interrupt: kind, number within the kind, trigger.
// [Linux, Documentation/devicetree/bindings/interrupt-controller/arm,gic-v3.yaml]
inline constexpr u32 gic_spi = 0;
inline constexpr u32 gic_ppi = 1;
inline constexpr u32 edge_rising = 1;
inline constexpr u32 level_high = 4;
inline constexpr u32 level_low = 8;

} // namespace trv::vdev
