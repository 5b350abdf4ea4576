// SPDX-License-Identifier: Apache-2.0
#pragma once
// The interrupt controller: GICv3 with one security state, as the device tree of every VM describes it. Private
// interrupts (below 32) mean those of the vCPU that calls, unless said otherwise.

#include "guests/bare/lib/sysreg.hpp"
#include "lib/intid.hpp"
#include "lib/types.hpp"

namespace trv::bare::gic {

inline constexpr u32 nothing_pending = 1023;
inline constexpr u8 default_priority = 0xa0;

enum class Trigger : u8 { Level, Edge };
enum class EoiMode : u8 { DropsAndDeactivates, DropsOnly };

/// Affinity routing and Group 1 on; every SPI off, not pending, inactive, level-sensitive, Group 1, for vCPU 0.
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
void enable_group1(bool on);

[[nodiscard]] bool is_enabled(u32 intid);
[[nodiscard]] bool is_pending(u32 intid);
[[nodiscard]] bool is_active(u32 intid);

/// The address of the register for `intid` in an array of `bits` bits an interrupt that begins at `array`.
[[nodiscard]] u64 register_of(u64 array, u32 intid, unsigned bits);

// CPU interface
[[nodiscard]] inline u32 acknowledge() {
    const u32 intid = static_cast<u32>(IccIar1El1::read());
    dsb();
    return intid;
}
inline void complete(u32 intid) {
    IccEoir1El1::write(intid);
    isb();
}
inline void deactivate(u32 intid) {
    IccDirEl1::write(intid);
    isb();
}
inline void set_priority_mask(u8 priority) {
    IccPmrEl1::write(priority);
    isb();
}
void set_eoi_mode(EoiMode mode);

/// To the vCPUs in `targets`, a bit each.
void send_sgi(u32 intid, u16 targets);
void send_sgi_to_others(u32 intid);

} // namespace trv::bare::gic
