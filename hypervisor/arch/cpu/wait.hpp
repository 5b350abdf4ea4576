// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::arch {

/// A hint to the core that it is spinning.
inline void relax() {
    asm volatile("yield" ::: "memory");
}

/// Stops the core until an interrupt is pending, masked or not. Earlier writes are visible to other CPUs first.
inline void wait_for_interrupt() {
    asm volatile("dsb sy\n\twfi" : : : "memory");
}

} // namespace trv::arch
