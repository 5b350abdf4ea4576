// SPDX-License-Identifier: Apache-2.0
#pragma once
// The vCPU whose registers, interrupts and translations are in one physical CPU. It stays there while it sleeps, until
// another one needs the CPU. All functions: own CPU.

#include "lib/types.hpp"
#include "sched/runnable.hpp"

#include <array>

namespace trv::sched {

struct PerCpu;

class LoadedVcpu {
  public:
    explicit constexpr LoadedVcpu(PerCpu& cpu) : cpu_(cpu) {}

    [[nodiscard]] Runnable* get() const { return vcpu_; }
    /// Exchanges the one that is loaded for this one, if it is another.
    void become(Runnable& vcpu) {
        if (vcpu_ != &vcpu) {
            exchange(vcpu);
        }
    }
    /// The vCPU is off or held: nothing of it stays in the CPU, and no timer stands in for it.
    void forget(Runnable& vcpu);
    /// See Scheduler::deliver_errors().
    void deliver_errors();

  private:
    void exchange(Runnable& vcpu);
    /// While a blocked vCPU is loaded, its timer interrupts EL2 directly; afterwards a timer of the scheduler does.
    void stand_in_for_timer(Runnable& unloaded);

    PerCpu& cpu_;
    Runnable* vcpu_ = nullptr;
    std::array<u8, max_vms> last_{}; ///< the vCPU of each VM that was loaded here last
};

} // namespace trv::sched
