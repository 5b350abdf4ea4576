// SPDX-License-Identifier: Apache-2.0
#pragma once
// The interrupt controller, as the VM's device tree describes it: GICv3 with one security state and affinity routing, whose
// interrupts are in Group 1; or GICv2, whose interrupts are in Group 0. Private interrupts (below 32) mean those of the
// vCPU that calls, unless said otherwise.

#include "guests/bare/lib/hardware/sysreg.hpp"
#include "lib/intid.hpp"
#include "lib/types.hpp"

namespace trv::bare::gic {

inline constexpr u32 nothing_pending = 1023;
inline constexpr u8 default_priority = 0xa0;

enum class Trigger : u8 { Level, Edge };
enum class EoiMode : u8 { DropsAndDeactivates, DropsOnly };

/// For start-up only: the VM has a GICv2.
void use_v2();
extern bool has_v2;
[[nodiscard]] inline bool is_v2() {
    return has_v2;
}

/// The interrupts' group on; every SPI off, not pending, inactive, level-sensitive, in their group, for vCPU 0.
void reset_distributor();
/// The same for this vCPU's private interrupts, and its CPU interface: everything unmasked, nothing active.
void reset_cpu();
/// Both.
void reset();
/// SPIs are 32 to interrupts() - 1.
[[nodiscard]] unsigned interrupts();

void enable(u32 intid);
void disable(u32 intid);
void set_pending(u32 intid);
void clear_pending(u32 intid);
void set_active(u32 intid);
void clear_active(u32 intid);
void set_priority(u32 intid, u8 priority);
void set_trigger(u32 intid, Trigger trigger);
/// To vCPU `target`; SPIs only.
void route(u32 spi, unsigned target);
/// In the distributor, the interrupts' group.
void enable_group(bool on);

[[nodiscard]] bool is_enabled(u32 intid);
[[nodiscard]] bool is_pending(u32 intid);
[[nodiscard]] bool is_active(u32 intid);

/// The address of the register for `intid` in an array of `bits` bits an interrupt that begins at `array`.
[[nodiscard]] u64 register_of(u64 array, u32 intid, unsigned bits);

// CPU interface
[[nodiscard]] u32 acknowledge_v2();
[[nodiscard]] inline u32 acknowledge() {
    if (is_v2()) {
        return acknowledge_v2();
    }
    const u32 intid = static_cast<u32>(IccIar1El1::read());
    dsb();
    return intid;
}
void complete_v2(u32 intid);
inline void complete(u32 intid) {
    if (is_v2()) {
        complete_v2(intid);
        return;
    }
    IccEoir1El1::write(intid);
    isb();
}
void deactivate(u32 intid);
void set_priority_mask(u8 priority);
/// The interrupts' group.
void enable_interface(bool on);
void set_binary_point(u32 value);
[[nodiscard]] u32 highest_pending();
[[nodiscard]] u32 running_priority();
void set_eoi_mode(EoiMode mode);

/// To the vCPUs in `targets`, a bit each.
void send_sgi(u32 intid, u16 targets);
void send_sgi_to_others(u32 intid);

} // namespace trv::bare::gic
