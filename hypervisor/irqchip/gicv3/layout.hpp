// SPDX-License-Identifier: Apache-2.0
#pragma once
// Register offsets and fields of the GICv3 distributor and redistributor. The physical driver and the virtual GIC share
// them. Names and sections are those of IHI0069.

#include "lib/types.hpp"

namespace trv::irqchip {

/// Distributor, one frame of 64 KiB [GICv3 12.8, 12.9].
namespace gicd {
inline constexpr u64 frame_size = 64 * KiB;

inline constexpr u64 ctlr = 0x0000;
inline constexpr u64 typer = 0x0004;
inline constexpr u64 iidr = 0x0008;
inline constexpr u64 irouter = 0x6000; ///< 64 bits per interrupt; those below 32 are reserved
inline constexpr u64 pidr2 = 0xffe8;

/// GICD_CTLR as an access sees it that is Non-secure, or where there is one security state only. Bit 1 enables Group 1
/// with affinity routing in both views.
inline constexpr u32 ctlr_enable_group0 = 1u << 0;
inline constexpr u32 ctlr_enable_group1 = 1u << 1;
inline constexpr u32 ctlr_affinity_routing = 1u << 4;
inline constexpr u32 ctlr_disable_security = 1u << 6;
inline constexpr u32 ctlr_write_pending = 1u << 31;

inline constexpr u32 typer_lines_mask = 0x1f; ///< ITLinesNumber: 32 × (N + 1) interrupts
inline constexpr unsigned typer_id_bits_shift = 19;
inline constexpr u32 typer_no_one_of_n = 1u << 25;

/// IROUTER and MPIDR_EL1 agree in where the affinity fields are.
inline constexpr u64 irouter_affinity_mask = 0xff'00ff'ffff;
} // namespace gicd

/// Redistributor, two frames of 64 KiB per CPU without virtual LPIs, four otherwise [GICv3 12.10, 12.11].
namespace gicr {
inline constexpr u64 frame_size = 64 * KiB;
inline constexpr u64 frames_size = 2 * frame_size;
inline constexpr u64 frames_size_with_vlpis = 4 * frame_size;

inline constexpr u64 ctlr = 0x0000;
inline constexpr u64 iidr = 0x0004;
inline constexpr u64 typer = 0x0008;
inline constexpr u64 waker = 0x0014;
inline constexpr u64 pidr2 = 0xffe8;
inline constexpr u64 sgi_base = frame_size; ///< the second frame: registers of SGIs and PPIs

inline constexpr u32 ctlr_write_pending = 1u << 3;

inline constexpr u64 typer_vlpis = 1u << 1;
inline constexpr u64 typer_last = 1u << 4;
inline constexpr unsigned typer_processor_shift = 8;
inline constexpr unsigned typer_affinity_shift = 32;

inline constexpr u32 waker_processor_sleep = 1u << 1;
inline constexpr u32 waker_children_asleep = 1u << 2;
} // namespace gicr

/// Arrays of registers at the same offsets in the distributor (interrupts from 32 up) and in SGI_base (the first 32).
namespace gic_bank {
inline constexpr u64 igroupr = 0x0080; ///< 1 bit per interrupt, as all up to icactiver
inline constexpr u64 isenabler = 0x0100;
inline constexpr u64 icenabler = 0x0180;
inline constexpr u64 ispendr = 0x0200;
inline constexpr u64 icpendr = 0x0280;
inline constexpr u64 isactiver = 0x0300;
inline constexpr u64 icactiver = 0x0380;
inline constexpr u64 ipriorityr = 0x0400; ///< 8 bits per interrupt, the only registers with byte accesses
inline constexpr u64 ipriorityr_end = 0x0800;
inline constexpr u64 icfgr = 0x0c00; ///< 2 bits per interrupt; the upper one means edge-triggered
inline constexpr u64 icfgr_end = 0x0d00;

inline constexpr u64 bits_array_size = 0x80;
} // namespace gic_bank

/// PIDR2: architecture revision 3 and the JEP106 part that every implementation of this shape shows [GICv3 12.9
/// GICD_PIDR2].
inline constexpr u32 pidr2_gicv3 = 0x3b;

/// ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1 [GICv3 12.2].
namespace icc_sgir {
inline constexpr u64 target_list_mask = 0xffff;
inline constexpr unsigned affinity1_shift = 16;
inline constexpr unsigned intid_shift = 24;
inline constexpr u64 intid_mask = 0xf;
inline constexpr unsigned affinity2_shift = 32;
inline constexpr u64 all_but_self = u64{1} << 40;
inline constexpr unsigned range_shift = 44;
inline constexpr u64 range_mask = 0xf;
inline constexpr unsigned affinity3_shift = 48;
inline constexpr u64 affinity_mask = 0xff;
/// Aff3, Aff2 and Aff1 in place.
inline constexpr u64 cluster_mask =
    (u64{0xff} << affinity3_shift) | (u64{0xff} << affinity2_shift) | (u64{0xff} << affinity1_shift);
} // namespace icc_sgir

/// ICC_DIR_EL1 [GICv3 12.2].
inline constexpr u64 icc_dir_intid_mask = 0xff'ffff;

} // namespace trv::irqchip
