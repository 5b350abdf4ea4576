// SPDX-License-Identifier: Apache-2.0
#pragma once
// An exit of a vCPU that is completed later. From begin() on its vCPU awaits the answer (sched::Runnable), and does not
// run. The answer is kept here until the vCPU's own CPU ends the exit with it, so that no other CPU touches its registers.

#include "lib/types.hpp"
#include "sched/runnable.hpp"
#include "sync/spinlock.hpp"
#include "vdev/device.hpp"

#include <utility>

namespace trv::vm {

class Vcpu;

class PendingExit {
  public:
    /// Ends the exit with its answer. Context: home CPU, before the guest is entered.
    using Finish = void (*)(Vcpu& vcpu, u64 syndrome, u64 answer);

    explicit PendingExit(sched::Runnable& vcpu) : vcpu_(vcpu) {}

    // On the vCPU's home CPU.

    /// From here on the ticket can be answered.
    void begin(vdev::Ticket ticket) EXCLUDES(lock_);
    /// What to do with the answer. Precondition: begin(), for the exit that is being handled.
    void finish_by(Finish finish, u64 syndrome) {
        finish_ = finish;
        syndrome_ = syndrome;
    }
    [[nodiscard]] bool is_begun() const { return begun_; }
    /// Precondition: it is begun, and its vCPU does not await it any longer.
    void finish(Vcpu& vcpu) EXCLUDES(lock_);
    /// An answer that comes later has no effect.
    void cancel() EXCLUDES(lock_);

    // From any CPU.

    /// @return whether the ticket was waiting for its answer. The caller then notifies the vCPU's scheduler.
    [[nodiscard]] bool answer(vdev::Ticket ticket, u64 value) EXCLUDES(lock_);

  private:
    static constexpr vdev::Ticket none{};

    sched::Runnable& vcpu_;
    Finish finish_ = nullptr;
    u64 syndrome_ = 0;
    bool begun_ = false; ///< until the exit is finished or cancelled

    SpinLock lock_;                                 ///< stands alone
    vdev::Ticket waiting_ GUARDED_BY(lock_) = none; ///< until it is answered
    u64 value_ GUARDED_BY(lock_) = 0;
};

} // namespace trv::vm
