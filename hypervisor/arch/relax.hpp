// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::arch {

/// A hint to the core that it is spinning.
inline void relax() {
    asm volatile("yield" ::: "memory");
}

} // namespace trv::arch
