// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual interface of a GICv2, GICH_*, of the calling CPU, in GICv3's format.

#include "arch/memory/mmio.hpp"
#include "irqchip/gicv2/frames.hpp"
#include "irqchip/gicv2/layout.hpp"
#include "irqchip/interface/virtual_interface.hpp"

namespace trv::irqchip {

/// GICH_LR for ICH_LR<n>_EL2 [GICv2 5.3.10, GICv3 12.4].
[[nodiscard]] constexpr u32 gich_lr_of(u64 lr) {
    const u32 state = static_cast<u32>((lr & ich_lr::state_mask) >> ich_lr::state_shift);
    const u32 priority = ich_lr::priority_of(lr) >> 3;
    u32 value = (ich_lr::intid_of(lr) & gich::lr_virtual_mask) | priority << gich::lr_priority_shift |
                state << gich::lr_state_shift;
    value |= (lr & ich_lr::group1) != 0 ? gich::lr_group1 : 0;
    if ((lr & ich_lr::hardware) != 0) {
        const u32 physical = static_cast<u32>((lr >> ich_lr::physical_shift) & ich_lr::physical_mask);
        return value | gich::lr_hardware | physical << gich::lr_physical_shift;
    }
    value |= ich_lr::sender_of(lr) << gich::lr_cpu_shift;
    return value | ((lr & ich_lr::eoi) != 0 ? gich::lr_eoi : 0);
}

/// The reverse.
[[nodiscard]] constexpr u64 ich_lr_of(u32 lr) {
    const u64 state = (lr >> gich::lr_state_shift) & 3;
    const u64 priority = ((lr >> gich::lr_priority_shift) & gich::lr_priority_mask) << 3;
    u64 value = (lr & gich::lr_virtual_mask) | priority << ich_lr::priority_shift | state << ich_lr::state_shift;
    value |= (lr & gich::lr_group1) != 0 ? ich_lr::group1 : 0;
    if ((lr & gich::lr_hardware) != 0) {
        const u64 physical = (lr >> gich::lr_physical_shift) & gich::lr_physical_mask;
        return value | ich_lr::hardware | physical << ich_lr::physical_shift;
    }
    value |= ((lr >> gich::lr_cpu_shift) & gich::lr_cpu_mask) << ich_lr::sender_shift;
    return value | ((lr & gich::lr_eoi) != 0 ? ich_lr::eoi : 0);
}

/// GICH_VTR as ICH_VTR_EL2, which counts fewer list registers.
[[nodiscard]] constexpr u64 ich_vtr_of(u32 vtr) {
    const u32 last = vtr & gich::vtr_list_registers_mask;
    return (vtr & ~gich::vtr_list_registers_mask) | (last < max_list_registers ? last : max_list_registers - 1);
}

struct Gicv2VirtualInterface {
    [[nodiscard]] static bool deactivates_physical() { return gicv2_frames.deactivates_physical; }

    [[nodiscard]] static u64 vtr() { return gicv2_frames.virtual_type; }
    [[nodiscard]] static u64 hcr() { return read(gich::hcr); }
    static void set_hcr(u64 value) { write(gich::hcr, value); }
    [[nodiscard]] static u64 vmcr() { return read(gich::vmcr); }
    /// The mask has five bits.
    static void set_vmcr(u64 value) { write(gich::vmcr, value); }
    [[nodiscard]] static u64 list_register(unsigned n) { return ich_lr_of(read(gich::lr + 4ull * n)); }
    static void set_list_register(unsigned n, u64 value) { write(gich::lr + 4ull * n, gich_lr_of(value)); }

    // GICH_APR has one bit for each of at most 32 preemption levels, whatever the group.
    [[nodiscard]] static u64 active_priorities0(unsigned) { return read(gich::apr); }
    static void set_active_priorities0(unsigned, u64 value) { write(gich::apr, value); }
    [[nodiscard]] static u64 active_priorities1(unsigned) { return 0; }
    static void set_active_priorities1(unsigned, u64) {}

  private:
    [[nodiscard]] static u32 read(u64 offset) { return arch::read32(gicv2_frames.virtual_control + offset); }
    static void write(u64 offset, u64 value) {
        arch::write32(gicv2_frames.virtual_control + offset, static_cast<u32>(value));
    }
};

} // namespace trv::irqchip
