// SPDX-License-Identifier: Apache-2.0
#pragma once
// Identification values that distributor and redistributors share.

#include "lib/types.hpp"

namespace trv::vdev {

/// GICD_IIDR and GICR_IIDR: product 'T', variant 0, revision 0, and Arm's JEP106 code as the implementer of the
/// architecture this models: guests look for errata by these numbers, and there are none of another implementer's to be
/// had.
inline constexpr u32 vgic_iidr = u32{'T'} << 24 | 0x43b;

/// The number of INTID bits; the maximum of a GIC without LPIs [GICv3 2.2].
inline constexpr unsigned vgic_id_bits = 10;

} // namespace trv::vdev
