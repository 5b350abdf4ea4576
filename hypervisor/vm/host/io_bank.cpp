// SPDX-License-Identifier: Apache-2.0
#include "vm/host/io_bank.hpp"

namespace trv::vm {

Result<void> IoBank::begin(Name name, u64 size) {
    if (name_.load(std::memory_order_relaxed) != none) {
        return fail(Error::Busy);
    }
    if (stage2_ != nullptr && size != size_) {
        return fail(Error::Invalid);
    }
    size_ = size;
    name_.store(name, std::memory_order_relaxed);
    return {};
}

/// What vCPUs found missing is there.
Result<void> IoBank::take(memory::Loan loan) {
    ASSERT(loan.bytes() == size_);
    if (stage2_ != nullptr) {
        TRY(loan.map(*stage2_, base()));
        for (vdev::Ticket& ticket : held_) {
            if (ticket != vdev::Ticket{}) {
                (void)exits_->complete(std::exchange(ticket, {}), 0); // no effect if its VM is stopping
            }
        }
    }
    loan_ = std::move(loan);
    return {};
}

Result<void> IoBank::end(Result<void> result) {
    if (!result) {
        name_.store(none, std::memory_order_relaxed);
    }
    return result;
}

void IoBank::take_back() {
    const Guard guard(lock_);
    take_back_locked();
}

void IoBank::take_back_if(Name name) {
    const Guard guard(lock_);
    if (name_.load(std::memory_order_relaxed) == name) {
        take_back_locked();
    }
}

void IoBank::take_back_locked() {
    if (name_.load(std::memory_order_relaxed) == none) {
        return;
    }
    if (stage2_ != nullptr) {
        loan_.unmap(*stage2_, base());
    }
    loan_ = memory::Loan();
    name_.store(none, std::memory_order_relaxed);
}

Result<IoBank::Attachment> IoBank::attach(memory::Stage2& stage2, vdev::DeferredExits& exits) {
    const Guard guard(lock_);
    ASSERT(stage2_ == nullptr);
    if (name_.load(std::memory_order_relaxed) == none) {
        return fail(Error::NotFound);
    }
    TRY(loan_.map(stage2, base()));
    stage2_ = &stage2;
    exits_ = &exits;
    held_ = {};
    return Attachment(*this, {base(), size_});
}

/// The loan goes on, for the VM's next life; its address space goes as a whole, but not before the frames' marks say so.
void IoBank::detach() {
    const Guard guard(lock_);
    if (name_.load(std::memory_order_relaxed) != none) {
        loan_.unmap(*stage2_, base());
    }
    stage2_ = nullptr;
    exits_ = nullptr;
    held_ = {};
}

IoBank::Attachment::Access IoBank::hold(unsigned vcpu) {
    const Guard guard(lock_);
    if (name_.load(std::memory_order_relaxed) != none) {
        return Attachment::Access::Again;
    }
    held_[vcpu] = exits_->defer(vcpu);
    return Attachment::Access::Waits;
}

} // namespace trv::vm
