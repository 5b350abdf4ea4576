#pragma once

#include "lib/list.hpp"

namespace trv::vm {

class Vcpu;

/// Work of the hypervisor's own that takes long: loading a VM, scrubbing its memory. Runs in bounded steps on one CPU,
/// between the time slices of the vCPUs there.
class Job {
  public:
    /// Does one bounded piece (about a millisecond at most).
    /// @return whether there is more; the object may be gone after `false`
    virtual bool step() = 0;
    /// The vCPU that pays for the steps out of its share; null if none does. It outlives the step.
    [[nodiscard]] virtual Vcpu* payer() { return nullptr; }

    /// Its payer never runs again, and so cannot pay later: where vCPUs want the CPU, steps come when it would be the
    /// payer's turn. Others get their steps in any case.
    [[nodiscard]] virtual bool takes_turns() const { return false; }

  protected:
    ~Job() = default;

  private:
    friend class Scheduler;
    ListNode<Job> node_;
};

} // namespace trv::vm
