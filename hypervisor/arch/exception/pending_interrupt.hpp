// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

namespace trv::arch {

/// Whether a physical IRQ or FIQ is pending for this CPU. EL2 runs with interrupts masked; long work checks this
/// between its steps. ISR_EL1 shows physical interrupts when read at EL2 [Arm ARM D19.2.66].
[[nodiscard]] inline bool interrupt_pending() {
    constexpr u64 irq_and_fiq = 1U << 7 | 1U << 6;
    u64 pending;
    asm volatile("mrs %0, isr_el1" : "=r"(pending));
    return (pending & irq_and_fiq) != 0;
}

} // namespace trv::arch
