// SPDX-License-Identifier: Apache-2.0
#pragma once
// Physical interrupts, all of which are taken to EL2: each goes to its owner.

#include "irq/table.hpp"

namespace trv::sched {

struct PerCpu;

/// The SGI by which another CPU kicks this CPU into its scheduler.
inline constexpr IntId attention_sgi{0};

/// Logs an interrupt that has no owner.
void unexpected_interrupt(void*, IntId intid);

/// Claims the interrupts of the scheduler's own: the SGI, and EL2's timer.
[[nodiscard]] Result<void> claim_interrupts(irq::Table& table, IntId hyp_timer);

/// Acknowledges the interrupts pending on this CPU, and has their owners handle them. Context: interrupts masked, as
/// always at EL2.
void handle_interrupts(PerCpu& cpu);

} // namespace trv::sched
