// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::vdev {

/// The interface through which a device model wakes a vCPU: a vCPU in WFI becomes ready; one that is running on another
/// physical CPU is kicked into EL2.
class VcpuWaker {
  public:
    virtual void wake(unsigned vcpu) = 0;

  protected:
    ~VcpuWaker() = default;
};

} // namespace trv::vdev
