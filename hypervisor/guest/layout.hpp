// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest's physical address map and interrupts: what every VM of Trivisor looks like from inside, except the host,
// which has the machine's map (guest/host_resources.hpp).

#include "contract/guest_memory.hpp"
#include "contract/virtio.hpp"
#include "lib/types.hpp"

namespace trv::guest {

inline constexpr Ipa gicd_base{0x0800'0000};
inline constexpr u64 gicd_size = 64 * KiB;
inline constexpr Ipa gicr_base{0x080A'0000};
inline constexpr u64 gicr_size_per_vcpu = 128 * KiB;
/// Of a GICv2: GICV, the hardware's, then the page with GICC_DIR.
inline constexpr Ipa gicc_base{0x0801'0000};
inline constexpr Ipa console_base{0x0900'0000};
inline constexpr Ipa agent_base{0x0900'1000};
inline constexpr u64 uart_size = 4 * KiB;
inline constexpr Ipa rtc_base{0x0900'2000};
inline constexpr u64 rtc_size = 4 * KiB;
/// Of a VM that starts from firmware: what it gets from the hypervisor, and the flash for its variables. The firmware itself
/// is in flash from address 0 on.
inline constexpr Ipa fw_cfg_base{0x0900'3000};
inline constexpr Ipa flash_base{0x0400'0000};
inline constexpr Ipa stolen_time_base{0x0A00'0000}; ///< one page
/// Of devices that programs of the host serve.
inline constexpr Ipa virtio_base{contract::virtio::first_slot};
inline constexpr u64 virtio_size = contract::virtio::slots * contract::virtio::slot_size;
/// Of devices that have no fixed place; guests find them in the tree.
inline constexpr IpaRange free_windows{Ipa(0x0C00'0000), 0x3000'0000};
/// Below it is what the host lends.
inline constexpr Ipa ram_base{contract::vm_ram_base};

/// Interrupts as the interrupt controller numbers them; SPI n of a device tree is INTID 32 + n.
inline constexpr u32 console_intid = 33;
inline constexpr u32 agent_intid = 34;
inline constexpr u32 optee_intid = 35;
inline constexpr u32 first_free_intid = 36; ///< for devices as above
/// The generic timer's PPIs, as the Server Base System Architecture numbers them.
inline constexpr u32 timer_secure_intid = 29;
inline constexpr u32 timer_physical_intid = 30;
inline constexpr u32 timer_virtual_intid = 27;
inline constexpr u32 timer_hyp_intid = 26;
/// The performance monitors' PPI, from the same source.
inline constexpr u32 pmu_intid = 23;

/// Where a VM finds what the hypervisor emulates.
struct Layout {
    Ipa gicd = gicd_base;
    Ipa gicr = gicr_base;
    Ipa gicc = gicc_base;
    Ipa console = console_base;
    Ipa agent = agent_base;
    Ipa stolen_time = stolen_time_base;
    IpaRange free = free_windows;
    u32 console_intid = guest::console_intid;
    u32 agent_intid = guest::agent_intid;
    u32 optee_intid = guest::optee_intid;
    u32 first_free_intid = guest::first_free_intid;
};
inline constexpr Layout usual_layout{};

static_assert(virtio_base >= stolen_time_base + page_size && virtio_base + virtio_size <= free_windows.base);
static_assert(free_windows.end().value == contract::virtio::bank_base(contract::virtio::largest_bank));
static_assert(contract::virtio::bank_end == ram_base.value);
static_assert(gicr_base.value + max_vcpus * gicr_size_per_vcpu <= console_base.value);

} // namespace trv::guest
