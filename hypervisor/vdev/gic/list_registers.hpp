// SPDX-License-Identifier: Apache-2.0
#pragma once
// Moves interrupts between the state and the list registers of this CPU. All functions: own CPU, `vcpu` loaded, lock
// held, unless they say otherwise.

#include "vdev/gic/state.hpp"

namespace trv::vdev {

/// Collects all list registers into the state, which is then complete for `vcpu`; the list registers are stale until
/// present() or withdraw().
void collect(VGicState& state, unsigned vcpu);

/// After collect(): what is pending only because a hardware-mapped wire rose, and was not acknowledged, is so no longer
/// if the wire has fallen since. present() gives its physical interrupt back.
void sample(VGicState& state, unsigned vcpu);

/// After collect(): lists the most urgent interrupts, enables a maintenance interrupt if more are waiting, and
/// deactivates physical interrupts that no longer have a virtual one.
void present(VGicState& state, unsigned vcpu);

/// After collect(): empties the list registers and switches the virtual interface off.
void withdraw(VGicState& state, unsigned vcpu);

/// Whether the guest's CPU interface would signal an interrupt, ignoring its running priority. Lock held;
/// own CPU if `vcpu` is loaded. Precondition: the vCPU's flag in VGicState::stale is clear, if it is loaded.
[[nodiscard]] bool is_signalled(VGicState& state, unsigned vcpu);

/// Whether any interrupt is pending for the vCPU, enabled and not active. Lock held. Precondition: nothing is listed by it.
[[nodiscard]] bool is_pending(VGicState& state, unsigned vcpu);

/// Physical INTIDs of the hardware-mapped interrupts in `virtual_mask`, as a mask.
[[nodiscard]] u32 physical_mask(const VGicCpu& cpu, u32 virtual_mask);

} // namespace trv::vdev
