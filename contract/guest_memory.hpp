// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a VM finds its memory in its address space. The host has the machine's.

#include <cstdint>

namespace trv::contract {

inline constexpr std::uint64_t vm_ram_base = 0x4000'0000;

} // namespace trv::contract
