#pragma once

namespace trv::arch {

/// Stops the core until an interrupt is pending, masked or not. What was written before is visible to the others first.
inline void wait_for_interrupt() {
    asm volatile("dsb sy\n\twfi" : : : "memory");
}

} // namespace trv::arch
