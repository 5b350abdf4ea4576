// SPDX-License-Identifier: Apache-2.0
#pragma once
// The offset of the direct map of RAM: at EL2 every frame is mapped at its own physical address.

#include "lib/types.hpp"

namespace trv::arch {

/// A frame's virtual address minus its physical address.
inline constexpr u64 direct_map_offset = 0;

} // namespace trv::arch
