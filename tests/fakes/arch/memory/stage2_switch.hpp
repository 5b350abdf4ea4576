// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

namespace trv::arch {

inline u64 fake_vttbr = 0;
inline void switch_stage2(u64, u64 vttbr) {
    fake_vttbr = vttbr;
}

inline unsigned fake_local_invalidations = 0;
inline void forget_loaded_translations() {
    ++fake_local_invalidations;
}

inline void leave_stage2() {
    fake_vttbr = 0;
}

} // namespace trv::arch
