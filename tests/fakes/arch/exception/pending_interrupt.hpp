// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::arch {

/// Set by tests: an interrupt waits for the CPU.
inline constinit bool fake_interrupt_pending = false;

[[nodiscard]] inline bool interrupt_pending() {
    return fake_interrupt_pending;
}

} // namespace trv::arch
