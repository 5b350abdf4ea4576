#pragma once
// Whether a vCPU that waits for an interrupt has one.

#include "vdev/vgic_state.hpp"

namespace trv::vdev {

/// Whether the guest's CPU interface would signal an interrupt, its running priority left out of account. Lock held;
/// own CPU if `vcpu` is loaded. Precondition: the vCPU's flag in VGicState::stale is clear, if it is loaded.
[[nodiscard]] bool is_signalled(VGicState& state, unsigned vcpu);

} // namespace trv::vdev
