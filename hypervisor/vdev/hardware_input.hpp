// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/intid.hpp"

namespace trv::vdev {

/// The wires behind a VM's hardware-mapped private interrupts. The virtual GIC sees such a wire rise, as a physical
/// interrupt, but not fall: while the physical interrupt is active, nothing comes.
class HardwareInput {
  public:
    /// Whether the wire is asserted now, or, for a vCPU that is being loaded, as soon as its devices are.
    /// Context: the vCPU's own CPU.
    [[nodiscard]] virtual bool is_asserted(unsigned vcpu, IntId ppi) = 0;

  protected:
    ~HardwareInput() = default;
};

} // namespace trv::vdev
