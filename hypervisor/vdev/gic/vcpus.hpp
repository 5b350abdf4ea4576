// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a virtual interrupt controller needs of the VM's vCPUs.

#include "lib/intid.hpp"

namespace trv::vdev {

/// Wakes vCPUs: one in WFI becomes ready; one that is running on another physical CPU is kicked into EL2.
class VcpuWaker {
  public:
    virtual void wake(unsigned vcpu) = 0;

  protected:
    ~VcpuWaker() = default;
};

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
