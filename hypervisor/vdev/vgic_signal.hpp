// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decides whether an interrupt is pending for a vCPU that waits for one.

#include "vdev/vgic_state.hpp"

namespace trv::vdev {

/// Whether the guest's CPU interface would signal an interrupt, ignoring its running priority. Lock held;
/// own CPU if `vcpu` is loaded. Precondition: the vCPU's flag in VGicState::stale is clear, if it is loaded.
[[nodiscard]] bool is_signalled(VGicState& state, unsigned vcpu);

} // namespace trv::vdev
