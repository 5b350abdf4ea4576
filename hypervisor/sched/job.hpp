// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/list.hpp"

namespace trv::sched {

class Runnable;

/// A work item: long work of the hypervisor, such as loading a VM or scrubbing its memory. It runs in bounded steps on
/// one CPU, between the time slices of the vCPUs there.
class Job {
  public:
    /// Runs one bounded step (about 1 ms at most).
    /// @return whether there is more to do; the object may be destroyed after `false`
    virtual bool step() = 0;
    /// The vCPU that pays for the steps out of its share; null if none does. It outlives the step.
    [[nodiscard]] virtual Runnable* payer() { return nullptr; }

    /// Its payer never runs again, and so cannot pay later: where vCPUs want the CPU, steps come when it would be the
    /// payer's turn. Others get their steps in any case.
    [[nodiscard]] virtual bool takes_turns() const { return false; }

  protected:
    ~Job() = default;

  private:
    friend class Scheduler;
    ListNode<Job> node_;
};

} // namespace trv::sched
