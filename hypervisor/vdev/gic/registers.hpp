// SPDX-License-Identifier: Apache-2.0
#pragma once
// The register arrays that the distributor has for SPIs and each redistributor for its private interrupts, at the same
// offsets: groups, enables, pending and active state, priorities, trigger configuration.

#include "vdev/gic/state.hpp"

namespace trv::vdev {

/// GICD_IIDR and GICR_IIDR: product 'T', variant 0, revision 0, and Arm's JEP106 code as the implementer of the
/// architecture this models: guests look for errata by these numbers, and there are none of another implementer's to be
/// had.
inline constexpr u32 vgic_iidr = u32{'T'} << 24 | 0x43b;

/// The number of INTID bits; the maximum of a GIC without LPIs [GICv3 2.2].
inline constexpr unsigned vgic_id_bits = 10;

enum class VGicFrame : u8 {
    Distributor,   ///< has words 1 and up; word 0 is reserved with affinity routing
    Redistributor, ///< has word 0
};

struct VGicBankAccess {
    u64 offset; ///< in the distributor's frame or in SGI_base
    u8 size;    ///< 1 or 4 bytes; anything else is reserved
    VGicFrame frame;
    unsigned owner; ///< the vCPU whose private interrupts are accessed
    unsigned self;  ///< the vCPU that makes the access
};

/// Pending and active state are exact for what is listed by the accessing vCPU. For interrupts that another running
/// vCPU has listed they are as of its last exit, and the read kicks that vCPU, so that a polling guest soon sees the
/// current state.
[[nodiscard]] u32 read_bank(VGicState& state, const VGicBankAccess& access);
/// Takes effect for each vCPU at its next entry into the guest.
void write_bank(VGicState& state, const VGicBankAccess& access, u32 value);

} // namespace trv::vdev
