// SPDX-License-Identifier: Apache-2.0
#pragma once
// The interrupts of the hardware that virtualises guests' timers and interrupt controllers.

#include "irq/table.hpp"

namespace trv::vm {

/// @param virtual_timer the EL1 virtual timer's PPI
/// @param maintenance   the PPI of the virtual CPU interface [GICv3 6.2]
[[nodiscard]] Result<void> claim_interrupts(irq::Table& table, IntId virtual_timer, IntId maintenance);

} // namespace trv::vm
