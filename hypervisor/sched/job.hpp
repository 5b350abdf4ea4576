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
    friend class JobQueue;
    ListNode<Job> node_;
};

/// The jobs of one CPU, which take turns. Callers serialise.
class JobQueue {
  public:
    [[nodiscard]] bool empty() const { return jobs_.empty(); }
    void add(Job& job) { jobs_.push_back(job); }
    /// Takes out the next job for which is_due(Job&) holds; null if it holds for none.
    /// Out of line: the scheduler asks for jobs far more often than there are any.
    template <typename IsDue>
    [[nodiscard, gnu::noinline]] Job* take(IsDue is_due) {
        for (std::size_t left = jobs_.size(); left != 0; --left) {
            Job* const job = jobs_.pop_front();
            if (is_due(*job)) {
                return job;
            }
            jobs_.push_back(*job);
        }
        return nullptr;
    }

  private:
    List<Job, &Job::node_> jobs_;
};

} // namespace trv::sched
