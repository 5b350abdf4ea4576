// SPDX-License-Identifier: Apache-2.0
#pragma once
// Register offsets and fields of a GICv2, as far as they differ from those that GICv3's distributor has at the same offsets
// (irqchip/gicv3/layout.hpp, gic_bank). Names and sections are those of IHI0048B.

#include "lib/types.hpp"

namespace trv::irqchip {

/// Distributor [GICv2 4.3].
namespace gicd_v2 {
inline constexpr u64 frame_size = 4 * KiB;

inline constexpr u64 ctlr = 0x000;
inline constexpr u64 typer = 0x004;
inline constexpr u64 iidr = 0x008;
inline constexpr u64 itargetsr = 0x800; ///< 8 bits per interrupt: a bit for each CPU interface; read-only below 32
inline constexpr u64 itargetsr_end = 0xc00;
inline constexpr u64 sgir = 0xf00;
inline constexpr u64 cpendsgir = 0xf10; ///< 8 bits per SGI: a bit for each sender
inline constexpr u64 spendsgir = 0xf20;
inline constexpr u64 spendsgir_end = 0xf30;
inline constexpr u64 icpidr2 = 0xfe8;

/// GICD_CTLR where there is one security state. A Non-secure access to one with two has Group 1 in bit 0.
inline constexpr u32 ctlr_enable_group0 = 1u << 0;
inline constexpr u32 ctlr_enable_group1 = 1u << 1;
inline constexpr u32 ctlr_enable_own = 1u << 0; ///< the group of whoever writes

inline constexpr u32 typer_lines_mask = 0x1f; ///< ITLinesNumber: 32 × (N + 1) interrupts
inline constexpr unsigned typer_cpus_shift = 5;
inline constexpr u32 typer_security = 1u << 10;

inline constexpr unsigned iidr_product_shift = 24;

// GICD_SGIR.
inline constexpr unsigned sgir_filter_shift = 24;
inline constexpr u32 sgir_filter_mask = 3;
inline constexpr u32 sgir_to_list = 0;
inline constexpr u32 sgir_to_others = 1;
inline constexpr u32 sgir_to_self = 2;
inline constexpr unsigned sgir_targets_shift = 16;
inline constexpr u32 sgir_targets_mask = 0xff;
inline constexpr u32 sgir_intid_mask = 0xf;

inline constexpr unsigned icpidr2_revision_shift = 4;
inline constexpr u32 icpidr2_gicv2 = 0x2b;
} // namespace gicd_v2

/// CPU interface: two pages, of which the second has GICC_DIR only [GICv2 4.4].
namespace gicc {
inline constexpr u64 size = 8 * KiB;

inline constexpr u64 ctlr = 0x00;
inline constexpr u64 pmr = 0x04;
inline constexpr u64 bpr = 0x08;
inline constexpr u64 iar = 0x0c;
inline constexpr u64 eoir = 0x10;
inline constexpr u64 rpr = 0x14;
inline constexpr u64 hppir = 0x18;
inline constexpr u64 apr = 0xd0;
inline constexpr u64 iidr = 0xfc;
inline constexpr u64 dir_page = 4 * KiB; ///< from there on

inline constexpr u32 ctlr_enable_own = 1u << 0; ///< as in GICD_CTLR
inline constexpr u32 ctlr_eoi_mode = 1u << 9;   ///< EOImode, at the same place for Non-secure accesses

inline constexpr u32 intid_mask = 0x3ff;  ///< of IAR, EOIR and DIR
inline constexpr unsigned cpu_shift = 10; ///< of an SGI's sender there
inline constexpr u32 cpu_mask = 7;
} // namespace gicc

/// Control of the virtual interface [GICv2 5.3]. GICH_HCR, GICH_VMCR and GICH_VTR have their fields where GICv3's
/// ICH_HCR_EL2, ICH_VMCR_EL2 and ICH_VTR_EL2 have them.
namespace gich {
inline constexpr u64 hcr = 0x000;
inline constexpr u64 vtr = 0x004;
inline constexpr u64 vmcr = 0x008;
inline constexpr u64 apr = 0x0f0;
inline constexpr u64 lr = 0x100; ///< one word each

inline constexpr u32 vtr_list_registers_mask = 0x3f; ///< one less than there are; a bit more than ICH_VTR_EL2 has

// GICH_LR.
inline constexpr u32 lr_virtual_mask = 0x3ff;
inline constexpr unsigned lr_physical_shift = 10; ///< if `lr_hardware`
inline constexpr u32 lr_physical_mask = 0x3ff;
inline constexpr unsigned lr_cpu_shift = 10; ///< of an SGI's sender, otherwise
inline constexpr u32 lr_cpu_mask = 7;
inline constexpr u32 lr_eoi = 1u << 19; ///< without `lr_hardware`
inline constexpr unsigned lr_priority_shift = 23;
inline constexpr u32 lr_priority_mask = 0x1f; ///< the upper five bits of a priority
inline constexpr unsigned lr_state_shift = 28;
inline constexpr u32 lr_pending = 1u << 28;
inline constexpr u32 lr_active = 1u << 29;
inline constexpr u32 lr_group1 = 1u << 30;
inline constexpr u32 lr_hardware = 1u << 31;
} // namespace gich

/// Where the two pages of a CPU interface are contiguous. Where a range has 128 KiB, an integrator has wired the interface
/// so that each of its pages fills 64 KiB, sixteen times the same [GIC-400 TRM DDI0471, 3.2; Linux,
/// drivers/irqchip/irq-gic.c, gic_check_eoimode()].
[[nodiscard]] constexpr u64 offset_of_pages(u64 range_size) {
    return range_size == 128 * KiB ? 60 * KiB : 0;
}

} // namespace trv::irqchip
