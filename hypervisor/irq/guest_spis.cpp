// SPDX-License-Identifier: Apache-2.0
#include "irq/guest_spis.hpp"

namespace trv::irq {

[[gnu::cold]] Result<SpiLease> GuestSpis::claim(IntId physical, SpiSink& sink, IntId intid) {
    if (!physical.is_spi() || physical.value >= gic_.interrupts()) {
        return fail(Error::OutOfRange);
    }
    const Guard guard(lock_);
    if (slots_.size() == 0) {
        slots_ = TRY(HeapArray<Slot>::create(gic_.interrupts() - first_spi));
    }
    if (table_.owner_of(physical).handler != fired) { // once a guest's, it remains one's
        TRY(table_.claim(physical, {.handler = fired, .context = this, .completion = Completion::ByGuest}));
    }
    Slot& taken = slot(physical);
    const Guard slot_guard(taken.lock);
    if (taken.sink != nullptr) {
        return fail(Error::Busy);
    }
    gic_.set_trigger(physical, irqchip::Trigger::Level);
    gic_.clear_active(physical);
    gic_.clear_pending(physical); // a change of the trigger may have left it so, as may what the wire did before
    taken.sink = &sink;
    taken.intid = intid;
    return SpiLease(*this, physical);
}

void GuestSpis::deliver(IntId physical) {
    Slot& taken = slot(physical);
    {
        const Guard guard(taken.lock);
        if (taken.sink != nullptr) {
            taken.sink->spi_fired(taken.intid);
            return;
        }
    }
    irqchip::Gic::deactivate(physical); // acknowledged here before the lease's end disabled it
}

// The order matters: after the first step nothing new is acknowledged, with the slot no CPU is on the way to the VM, and
// what they left active or pending ends before another VM can claim the interrupt.
[[gnu::cold]] void GuestSpis::give_back(IntId physical) {
    gic_.disable(physical);
    Slot& taken = slot(physical);
    const Guard guard(taken.lock);
    taken.sink = nullptr;
    gic_.clear_active(physical);
    gic_.clear_pending(physical);
}

} // namespace trv::irq
