// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace trv::arch {

inline void relax() {
    asm volatile("" ::: "memory");
}

/// What happens while a CPU of the test idles: it has to give it something to do.
inline std::function<void()> fake_idle = [] {};

inline void wait_for_interrupt() {
    fake_idle();
}

} // namespace trv::arch
