// SPDX-License-Identifier: Apache-2.0
#pragma once
// Errors that tests let come: at once, or only when the CPU waits for what its accesses do.

#include "arch/fake_guest_cpu.hpp"
#include "arch/this_cpu.hpp"

#include <optional>
#include <utility>

namespace trv::arch {

inline std::optional<u64> fake_pending_error;   ///< its syndrome; ISR_EL1 shows it
inline std::optional<u64> fake_error_under_way; ///< pending once the accesses before it are complete

[[nodiscard]] inline bool error_pending() {
    return fake_pending_error.has_value();
}
inline void take_error() {
    if (const auto syndrome = std::exchange(fake_pending_error, std::nullopt)) {
        CpuBlock& cpu = cpu_block();
        cpu.error_syndrome = *syndrome;
        cpu.has_error = true;
        cpu.attention = true;
    }
}
inline void settle_errors() {
    if (const auto syndrome = std::exchange(fake_error_under_way, std::nullopt)) {
        fake_pending_error = syndrome;
    }
    take_error();
}
inline void pend_virtual_error(u64 syndrome) {
    fake_guest_cpu.virtual_error = {.pending = true, .syndrome = syndrome, .deferred = 0};
}

} // namespace trv::arch
