// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/sgi.hpp"

#include "irqchip/gicv3/layout.hpp"

namespace trv::vdev {

namespace sgir = irqchip::icc_sgir;

SgiRequest decode_sgi(unsigned from, unsigned vcpus, u64 value) {
    const IntId intid(static_cast<u32>((value >> sgir::intid_shift) & sgir::intid_mask));
    const u32 everyone = (u32{1} << vcpus) - 1;
    if ((value & sgir::all_but_self) != 0) {
        return {intid, everyone & ~(u32{1} << from)};
    }
    // The range selects sixteen values of Aff0; all vCPUs are in the first.
    static_assert(max_vcpus <= 16);
    const bool here = (value & sgir::cluster_mask) == 0 && ((value >> sgir::range_shift) & sgir::range_mask) == 0;
    return {intid, here ? static_cast<u32>(value & sgir::target_list_mask) & everyone : 0};
}

} // namespace trv::vdev
