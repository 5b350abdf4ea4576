// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::arch {

inline void relax() {
    asm volatile("" ::: "memory");
}

} // namespace trv::arch
