// SPDX-License-Identifier: Apache-2.0
#pragma once
// The virtual interface, which shows a guest its interrupts: the registers that the virtual GIC uses, in the format
// that GICv3 gives them, ICH_*_EL2 [GICv3 12.4]. A driver for another GIC converts.

#include "lib/types.hpp"

#include <concepts>

namespace trv::irqchip {

inline constexpr unsigned max_list_registers = 16;
inline constexpr unsigned max_active_priority_registers = 4; ///< of each group

/// ICH_LR<n>_EL2.
namespace ich_lr {
inline constexpr unsigned physical_shift = 32; ///< of the INTID that a deactivation passes on, if `hardware`
inline constexpr u64 physical_mask = 0x3ff;
inline constexpr u64 eoi = u64{1} << 41; ///< without `hardware`: maintenance interrupt when it becomes invalid
inline constexpr unsigned priority_shift = 48;
inline constexpr u64 group1 = u64{1} << 60;
inline constexpr u64 hardware = u64{1} << 61;
inline constexpr u64 pending = u64{1} << 62;
inline constexpr u64 active = u64{1} << 63;
inline constexpr u64 state_mask = pending | active;
inline constexpr unsigned state_shift = 62;
/// In the INTID's field, of an SGI of a guest that has a GICv2: the vCPU that sent it [GICv3 12.4 ICH_LR<n>_EL2.vINTID].
inline constexpr unsigned sender_shift = 10;
inline constexpr u64 sender_mask = 7;

[[nodiscard]] constexpr u32 intid_of(u64 lr) {
    return static_cast<u32>(lr);
}
[[nodiscard]] constexpr u32 sender_of(u64 lr) {
    return static_cast<u32>((lr >> sender_shift) & sender_mask);
}
[[nodiscard]] constexpr u8 priority_of(u64 lr) {
    return static_cast<u8>(lr >> priority_shift);
}
} // namespace ich_lr

/// ICH_HCR_EL2.
namespace ich_hcr {
inline constexpr u64 enable = u64{1} << 0;
inline constexpr u64 list_entry_not_present =
    u64{1} << 2; ///< LRENPIE: maintenance interrupt for an EOI that matches no list register
inline constexpr u64 no_pending = u64{1} << 3;       ///< NPIE: maintenance interrupt when no list register is pending
inline constexpr u64 group0_enabled = u64{1} << 4;   ///< VGrp0EIE: maintenance interrupt when the guest enables Group 0
inline constexpr u64 group0_disabled = u64{1} << 5;  ///< VGrp0DIE
inline constexpr u64 group1_enabled = u64{1} << 6;   ///< VGrp1EIE
inline constexpr u64 group1_disabled = u64{1} << 7;  ///< VGrp1DIE
inline constexpr u64 trap_deactivate = u64{1} << 14; ///< TDIR: ICC_DIR_EL1 traps; requires ICH_VTR_EL2.TDS
inline constexpr unsigned eoi_count_shift = 27;
inline constexpr u64 eoi_count_mask = 0x1f;

[[nodiscard]] constexpr unsigned eoi_count_of(u64 hcr) {
    return static_cast<unsigned>((hcr >> eoi_count_shift) & eoi_count_mask);
}
} // namespace ich_hcr

/// ICH_VTR_EL2.
namespace ich_vtr {
inline constexpr u64 traps_deactivate = u64{1} << 19; ///< TDS

[[nodiscard]] constexpr unsigned list_registers(u64 vtr) {
    const unsigned count = static_cast<unsigned>(vtr & 0x1f) + 1;
    return count < max_list_registers ? count : max_list_registers;
}
[[nodiscard]] constexpr unsigned preemption_bits(u64 vtr) {
    return static_cast<unsigned>((vtr >> 26) & 7) + 1;
}
[[nodiscard]] constexpr unsigned priority_bits(u64 vtr) {
    return static_cast<unsigned>((vtr >> 29) & 7) + 1;
}
/// One bit per preemption level, 32 per register: 5 preemption bits need one register, 6 two, 7 four.
[[nodiscard]] constexpr unsigned active_priority_registers(u64 vtr) {
    const unsigned bits = preemption_bits(vtr);
    return bits <= 5 ? 1 : bits == 6 ? 2 : 4;
}
} // namespace ich_vtr

/// ICH_VMCR_EL2: the guest's CPU interface in one register.
namespace ich_vmcr {
inline constexpr u64 group0_enable = u64{1} << 0;
inline constexpr u64 group1_enable = u64{1} << 1;
inline constexpr u64 fiq_enable = u64{1} << 3; ///< VFIQEn, RES1 with system registers
inline constexpr u64 eoi_mode = u64{1} << 9;   ///< VEOIM: priority drop and deactivation are separate
inline constexpr unsigned binary_point1_shift = 18;
inline constexpr unsigned binary_point0_shift = 21;
inline constexpr unsigned priority_mask_shift = 24;

[[nodiscard]] constexpr u8 priority_mask_of(u64 vmcr) {
    return static_cast<u8>(vmcr >> priority_mask_shift);
}

/// The CPU interface's state after reset: groups off, everything masked, binary points at their minimum, which
/// follows from the number of preemption bits [GICv3 12.2 ICC_BPR0_EL1, ICC_BPR1_EL1].
[[nodiscard]] constexpr u64 reset_value(u64 vtr) {
    const unsigned bits = ich_vtr::preemption_bits(vtr);
    const u64 binary_point0 = bits >= 7 ? 0 : 7 - bits;
    return fiq_enable | (binary_point0 << binary_point0_shift) | ((binary_point0 + 1) << binary_point1_shift);
}
} // namespace ich_vmcr

/// Those of the calling CPU. No function has a barrier: the guest sees EL2's writes after ERET, which synchronizes
/// context, and EL2 sees the guest's after exception entry.
template <typename T>
concept VirtualInterfaceDriver = requires(unsigned n, u64 value) {
    // Whether list registers with HW=1 work. If not, the guest's deactivation is to cause an exit, and EL2 passes it on.
    { T::deactivates_physical() } -> std::same_as<bool>;
    { T::vtr() } -> std::same_as<u64>;
    { T::hcr() } -> std::same_as<u64>;
    { T::vmcr() } -> std::same_as<u64>;
    { T::list_register(n) } -> std::same_as<u64>;
    { T::active_priorities0(n) } -> std::same_as<u64>;
    { T::active_priorities1(n) } -> std::same_as<u64>;
    T::set_hcr(value);
    T::set_vmcr(value);
    T::set_list_register(n, value);
    T::set_active_priorities0(n, value);
    T::set_active_priorities1(n, value);
};

} // namespace trv::irqchip
