// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a VM finds its memory, and what its firmware is made of, in its address space. The host has the machine's.

#include <cstdint>

namespace trv::contract {

inline constexpr std::uint64_t vm_ram_base = 0x4000'0000;

/// Firmware is in flash from address 0 on, and keeps its variables in the flash behind it.
inline constexpr std::uint32_t largest_firmware = 64 * 1024 * 1024;
/// In a kernel's image that begins with firmware, the kernel follows at the next multiple.
inline constexpr std::uint64_t firmware_step = 4096;

} // namespace trv::contract
