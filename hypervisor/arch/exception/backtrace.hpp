// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

namespace trv::arch {

/// Calls visit(return address) for each frame record [AAPCS64 6.4.6] from `frame` up, as long as they look valid:
/// aligned, above the previous one, and not far from it (a stack is small).
template <typename Visit>
void walk_frames(u64 frame, Visit visit) {
    constexpr unsigned most = 32;
    constexpr u64 stack_reach = 64 * KiB;
    for (unsigned i = 0; i < most && frame != 0 && frame % 8 == 0; ++i) {
        const auto* const record = reinterpret_cast<const u64*>(frame);
        const u64 next = record[0];
        if (record[1] == 0) {
            return;
        }
        visit(record[1]);
        if (next <= frame || next - frame > stack_reach) {
            return;
        }
        frame = next;
    }
}

} // namespace trv::arch
