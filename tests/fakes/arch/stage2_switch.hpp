#pragma once

#include "lib/types.hpp"

namespace trv::arch {

inline u64 fake_vttbr = 0;
inline void switch_stage2(u64, u64 vttbr) { fake_vttbr = vttbr; }

inline void leave_stage2() { fake_vttbr = 0; }

} // namespace trv::arch
