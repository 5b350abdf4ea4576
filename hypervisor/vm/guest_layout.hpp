// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest's physical address map and interrupts: what every VM of Trivisor looks like from inside.

#include "lib/types.hpp"

namespace trv::vm {

inline constexpr Ipa guest_gicd_base{0x0800'0000};
inline constexpr u64 guest_gicd_size = 64 * KiB;
inline constexpr Ipa guest_gicr_base{0x080A'0000};
inline constexpr u64 guest_gicr_size_per_vcpu = 128 * KiB;
inline constexpr Ipa guest_console_base{0x0900'0000};
inline constexpr Ipa guest_agent_base{0x0900'1000};
inline constexpr u64 guest_uart_size = 4 * KiB;
inline constexpr Ipa guest_rtc_base{0x0900'2000};
inline constexpr u64 guest_rtc_size = 4 * KiB;
inline constexpr Ipa guest_stolen_time_base{0x0A00'0000}; ///< one page
inline constexpr Ipa guest_ram_base{0x4000'0000};

/// Interrupts as the interrupt controller numbers them; SPI n of a device tree is INTID 32 + n.
inline constexpr u32 first_spi = 32;
inline constexpr u32 first_ppi = 16;
inline constexpr u32 guest_console_intid = 33;
inline constexpr u32 guest_agent_intid = 34;
inline constexpr u32 guest_optee_intid = 35;
/// The generic timer's PPIs, as the Server Base System Architecture numbers them.
inline constexpr u32 guest_timer_secure_intid = 29;
inline constexpr u32 guest_timer_physical_intid = 30;
inline constexpr u32 guest_timer_virtual_intid = 27;
inline constexpr u32 guest_timer_hyp_intid = 26;

static_assert(guest_gicr_base.value + max_vcpus * guest_gicr_size_per_vcpu <= guest_console_base.value);

} // namespace trv::vm
