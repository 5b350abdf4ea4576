// SPDX-License-Identifier: Apache-2.0
#pragma once
// Physical interrupts, all of which are taken to EL2.

#include "lib/intid.hpp"
#include "lib/types.hpp"

#include <optional>

namespace trv::tee {
class Mediator;
}

namespace trv::vm {

struct PerCpu;

/// The SGI by which another CPU kicks this CPU into its scheduler.
inline constexpr IntId attention_sgi{0};

/// The interrupts of the machine's devices, from its device tree.
struct InterruptNumbers {
    IntId virtual_timer;
    IntId hyp_timer;
    IntId maintenance;
    std::optional<IntId> uart;
    std::optional<IntId> tee; ///< OP-TEE's notifications
};

/// Boot CPU, before any interrupt is enabled.
void set_interrupt_numbers(const InterruptNumbers& numbers);
[[nodiscard]] const InterruptNumbers& interrupt_numbers();

/// Sets the mediator that handles OP-TEE's notifications. Context: boot CPU, before that interrupt is enabled.
void set_notified_mediator(tee::Mediator& mediator);

/// Acknowledges and handles the interrupts pending on this CPU. Context: interrupts masked, as always at EL2.
void handle_interrupts(PerCpu& cpu);

} // namespace trv::vm
