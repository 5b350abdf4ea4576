// SPDX-License-Identifier: Apache-2.0
#pragma once
// The only place that converts between physical addresses and pointers. Valid for RAM that HostSpace maps; not for
// device registers, nor for memory that firmware reserves.

#include "arch/memory/direct_map.hpp"
#include "lib/types.hpp"

#include <cstddef>

namespace trv::memory {

/// @param pa in RAM, aligned for T
template <typename T = std::byte>
[[nodiscard]] T* direct_map(Pa pa) {
    return reinterpret_cast<T*>(pa.value + arch::direct_map_offset);
}

/// @param pointer into the direct map
[[nodiscard]] inline Pa physical_address(const void* pointer) {
    return Pa(reinterpret_cast<u64>(pointer) - arch::direct_map_offset);
}

} // namespace trv::memory
