// SPDX-License-Identifier: Apache-2.0
#include "vm/pending_exit.hpp"

#include "lib/log.hpp"

namespace trv::vm {

void PendingExit::begin(vdev::Ticket ticket) {
    ASSERT(!begun_);
    begun_ = true;
    vcpu_.await();
    const Guard guard(lock_);
    waiting_ = ticket;
}

bool PendingExit::answer(vdev::Ticket ticket, u64 value) {
    const Guard guard(lock_);
    if (ticket == none || waiting_ != ticket) {
        return false;
    }
    waiting_ = none;
    value_ = value;
    // Under the lock: it must not end the waiting for a later exit, of after a reset of the VM.
    vcpu_.end_await();
    return true;
}

void PendingExit::finish(Vcpu& vcpu) {
    u64 value;
    {
        const Guard guard(lock_);
        value = value_;
    }
    begun_ = false;
    finish_(vcpu, syndrome_, value);
}

void PendingExit::cancel() {
    const Guard guard(lock_);
    waiting_ = none;
    begun_ = false;
    vcpu_.end_await();
}

} // namespace trv::vm
