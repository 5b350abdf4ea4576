#pragma once
// Where the direct map of RAM begins: at EL2 every frame is mapped at its own physical address.

#include "lib/types.hpp"

namespace trv::arch {

/// Added to a physical address gives its virtual one.
inline constexpr u64 direct_map_offset = 0;

} // namespace trv::arch
