// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <optional>

namespace trv::arch {

inline std::optional<u64> fake_hyp_timer;

inline void set_hyp_timer(u64 deadline) {
    fake_hyp_timer = deadline;
}
inline void stop_hyp_timer() {
    fake_hyp_timer.reset();
}

} // namespace trv::arch
