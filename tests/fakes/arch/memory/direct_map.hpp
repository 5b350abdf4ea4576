// SPDX-License-Identifier: Apache-2.0
#pragma once
// On the host the machine's RAM is simulated (fakes/simulated_ram.hpp), which has its address.

#include "lib/types.hpp"

namespace trv::arch {

inline constinit u64 direct_map_offset = 0;

} // namespace trv::arch
