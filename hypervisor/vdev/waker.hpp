#pragma once

namespace trv::vdev {

/// How a device model tells the scheduler that a vCPU has something to look at: it leaves WFI, or, if it runs on
/// another physical CPU just now, comes by the hypervisor soon.
class VcpuWaker {
  public:
    virtual void wake(unsigned vcpu) = 0;

  protected:
    ~VcpuWaker() = default;
};

} // namespace trv::vdev
