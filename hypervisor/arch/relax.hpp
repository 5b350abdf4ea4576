#pragma once

namespace trv::arch {

/// Tells the core that it spins for another one.
inline void relax() {
    asm volatile("yield" ::: "memory");
}

} // namespace trv::arch
