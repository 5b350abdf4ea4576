// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual GIC's state of 32 interrupts, one bit each.

#include "lib/intid.hpp"

#include <array>

namespace trv::vdev {

/// Group enables of the distributor as masks, so that they combine with a bank without a branch.
struct GroupMasks {
    u32 group0 = 0; ///< all ones or all zeros
    u32 group1 = 0;

    constexpr bool operator==(const GroupMasks&) const = default;
};

/// While an interrupt is `listed`, the list register of one vCPU holds its active state, and, for those that are
/// latched, its pending state. What software changes meanwhile is kept here until that vCPU collects its list registers
/// (vdev/gic/list_registers.hpp).
struct InterruptBank {
    u32 enabled = 0;
    u32 group1 =
        ~u32{0};   ///< unknown at reset [GICv3 12.9 GICD_IGROUPR]; ones suit guests that leave groups to firmware
    u32 edge = 0;  ///< edge-triggered, else level-sensitive
    u32 line = 0;  ///< input as the device drives it
    u32 latch = 0; ///< pending by an edge, an SGI, or a write to ISPENDR
    u32 active = 0;
    u32 hardware = 0; ///< mapped to a physical interrupt, whose activation sets `latch`
    u32 forced = 0;   ///< of those: `latch` was also set by a write to ISPENDR, so that it outlasts the wire's level
    u32 held = 0;     ///< of those: physically active on behalf of the guest

    u32 listed = 0;
    u32 presented = 0;  ///< the pending state in the list register counts; cleared by ICPENDR
    u32 activate = 0;   ///< ISACTIVER since it was listed
    u32 deactivate = 0; ///< ICACTIVER since it was listed
    u32 fired = 0;      ///< the physical interrupt came since it was listed: what is listed is no longer what is held
    std::array<u8, 32> priority{};

    [[nodiscard]] constexpr u32 pending() const { return latch | (line & ~edge); }

    /// Pending, enabled, and in an enabled group: the CPU interface may see it.
    [[nodiscard]] constexpr u32 deliverable(GroupMasks groups) const {
        return pending() & enabled & ((group1 & groups.group1) | (~group1 & groups.group0));
    }

    /// Those whose pending state moves into the list register; for the others the line remains authoritative.
    [[nodiscard]] constexpr u32 latched() const { return edge | hardware; }

    constexpr void set_pending(u32 mask) { latch |= mask; }
    constexpr void clear_pending(u32 mask) {
        latch &= ~mask;
        presented &= ~mask;
        forced &= ~mask;
    }
    constexpr void set_active(u32 mask) {
        active |= mask;
        activate |= mask & listed;
        deactivate &= ~mask;
    }
    constexpr void clear_active(u32 mask) {
        active &= ~mask;
        deactivate |= mask & listed;
        activate &= ~mask;
    }
};

} // namespace trv::vdev
