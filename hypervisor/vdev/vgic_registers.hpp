#pragma once
// The register arrays that the distributor has for SPIs and each redistributor for its private interrupts, at the same
// offsets: groups, enables, pending and active state, priorities, trigger configuration.

#include "vdev/vgic_state.hpp"

namespace trv::vdev {

enum class VGicFrame : u8 {
    Distributor,   ///< has words 1 and up; word 0 is reserved with affinity routing
    Redistributor, ///< has word 0
};

struct VGicBankAccess {
    u64 offset; ///< in the distributor's frame or in SGI_base
    u8 size;    ///< 1 or 4 bytes; anything else is reserved
    VGicFrame frame;
    unsigned owner; ///< whose private interrupts
    unsigned self;  ///< the vCPU that makes the access
};

/// Pending and active state are exact for what is listed by the accessing vCPU. For what another running vCPU has
/// listed they are those of its last visit to EL2, and the read makes it visit: a guest that polls sees the truth soon.
[[nodiscard]] u32 read_bank(VGicState& state, const VGicBankAccess& access);
/// Effective for each vCPU from its next entry into the guest on.
void write_bank(VGicState& state, const VGicBankAccess& access, u32 value);

} // namespace trv::vdev
