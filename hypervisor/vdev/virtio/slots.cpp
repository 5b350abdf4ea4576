// SPDX-License-Identifier: Apache-2.0
#include "vdev/virtio/slots.hpp"

#include "arch/cpu/clock.hpp"
#include "arch/cpu/nospec.hpp"

#include <algorithm>

namespace trv::vdev {
namespace {

/// So long a vCPU, or a VM's next kernel, waits for the end of a reset.
constexpr u64 patience_seconds = 5;

u64 deadline_from_now() {
    return arch::ticks() + arch::tick_hz() * patience_seconds;
}

} // namespace

void VirtioSlots::attach(Lines& lines, DeferredExits& exits, IpaRange bank) {
    const Guard guard(lock_);
    lines_ = &lines;
    exits_ = &exits;
    bank_ = bank;
    asserted_ = 0;
    waits_ = {};
}

void VirtioSlots::detach() {
    bool news;
    {
        const Guard guard(lock_);
        news = reset_all();
        lines_ = nullptr;
        exits_ = nullptr;
        waits_ = {};
    }
    if (news) {
        backend_.on_device_events(vm_);
    }
}

void VirtioSlots::reset() {
    bool news;
    {
        const Guard guard(lock_);
        news = reset_all();
        waits_ = {}; // their exits are cancelled
    }
    if (news) {
        backend_.on_device_events(vm_);
    }
}

bool VirtioSlots::reset_all() {
    bool news = false;
    for (unsigned slot = 0; slot < count; ++slot) {
        news = slots_[slot].reset() || news;
        drive(slot);
    }
    stop_by_ = deadline_from_now();
    return news;
}

VirtioSlots::Use VirtioSlots::use_of_former(u64 now) const {
    const Guard guard(lock_);
    if (!std::ranges::any_of(slots_, &VirtioSlot::is_awaited)) {
        return Use::None;
    }
    return now < stop_by_ ? Use::Ends : Use::Overdue;
}

void VirtioSlots::give_up() {
    const Guard guard(lock_);
    for (VirtioSlot& slot : slots_) {
        slot.give_up();
    }
}

/// The level of the slot's line follows its registers.
void VirtioSlots::drive(unsigned slot) {
    const u32 bit = u32{1} << slot;
    const bool asserted = slots_[slot].is_asserted();
    if (lines_ != nullptr && asserted != ((asserted_ & bit) != 0)) {
        asserted_ ^= bit;
        (*lines_)[slot].set(asserted);
    }
}

MmioRead VirtioSlots::read(unsigned slot, const MmioAccess& access) const {
    const Guard guard(lock_);
    if (access.offset >= VirtioSlot::config_space) {
        return slots_[slot].read_config(access.offset - VirtioSlot::config_space, access.size);
    }
    return access.size == sizeof(u32) ? slots_[slot].read(access.offset) : 0;
}

MmioOutcome VirtioSlots::write(unsigned slot, const MmioAccess& access, u64 value) {
    if (access.offset < VirtioSlot::config_space && access.size != sizeof(u32)) {
        return MmioOutcome::Done;
    }
    VirtioSlot::Effect effect;
    u64 deadline = 0;
    {
        const Guard guard(lock_);
        VirtioSlot& device = slots_[slot];
        if (access.offset == VirtioSlot::queue_notify) {
            effect.news = device.kick(static_cast<u32>(value));
        } else if (access.offset >= VirtioSlot::config_space) {
            effect = device.write_config(access.offset - VirtioSlot::config_space, access.size, value);
        } else {
            effect = device.write(access.offset, static_cast<u32>(value), bank_);
            drive(slot);
        }
        if (effect.waits) {
            deadline = deadline_from_now();
            waits_[access.vcpu] = {exits_->defer(access.vcpu), slot, deadline};
        }
    }
    if (effect.news) {
        backend_.on_device_events(vm_);
    }
    if (effect.waits) {
        backend_.on_reset_waits(deadline);
        return MmioOutcome::Pending;
    }
    return MmioOutcome::Done;
}

Result<VirtioSlot*> VirtioSlots::find(u64 slot) {
    if (slot >= count) {
        return fail(Error::NotFound);
    }
    return &slots_[arch::nospec_index(slot, count)];
}

Result<void> VirtioSlots::put(u64 slot, const contract::virtio::Device& device) {
    const Guard guard(lock_);
    // Where a device reaches all memory, its driver need not ask what it reaches: firmware and old kernels do not.
    const u64 insisted =
        contract::virtio::version_1 | (io_ == contract::Io::Pool ? contract::virtio::access_platform : 0);
    return TRY(find(slot))->put(device, insisted);
}

bool VirtioSlots::has_devices() const {
    const Guard guard(lock_);
    return !std::ranges::all_of(slots_, &VirtioSlot::is_empty);
}

bool VirtioSlots::has_events() const {
    const Guard guard(lock_);
    return std::ranges::any_of(slots_, &VirtioSlot::has_events);
}

u32 VirtioSlots::take_events(contract::virtio::Events& events) {
    const Guard guard(lock_);
    u32 some = 0;
    for (unsigned slot = 0; slot < count; ++slot) {
        some |= slots_[slot].has_events() ? u32{1} << slot : 0;
        events[slot] = slots_[slot].take_events();
    }
    return some;
}

Result<void> VirtioSlots::tell(u64 slot, contract::virtio::State& state) const {
    const Guard guard(lock_);
    if (slot >= count) {
        return fail(Error::NotFound);
    }
    slots_[arch::nospec_index(slot, count)].tell(state);
    return {};
}

void VirtioSlots::ring(u64 used, u64 failed) {
    const Guard guard(lock_);
    for (unsigned slot = 0; slot < count; ++slot) {
        if ((used >> slot & 1) != 0) {
            slots_[slot].ring();
        }
        if ((failed >> slot & 1) != 0) {
            slots_[slot].set_failed();
        }
        drive(slot);
    }
}

Result<void> VirtioSlots::configure(u64 slot, std::span<const u8> config) {
    const Guard guard(lock_);
    VirtioSlot* const device = TRY(find(slot));
    TRY(device->configure(config));
    drive(static_cast<unsigned>(slot));
    return {};
}

Result<void> VirtioSlots::stopped(u64 slot) {
    const Guard guard(lock_);
    VirtioSlot* const device = TRY(find(slot));
    if (!device->is_stopping()) {
        return fail(Error::Invalid);
    }
    device->stopped();
    complete(static_cast<unsigned>(slot));
    return {};
}

/// Under the lock, which keeps the VM: it detaches before it goes.
void VirtioSlots::complete(unsigned slot) {
    for (Wait& wait : waits_) {
        if (wait.ticket != Ticket{} && wait.slot == slot) {
            (void)exits_->complete(std::exchange(wait.ticket, Ticket{}), 0); // no effect if its VM is stopping
        }
    }
}

VirtioSlots::Overdue VirtioSlots::overdue(u64 now) const {
    const Guard guard(lock_);
    Overdue found;
    for (const Wait& wait : waits_) {
        if (wait.ticket != Ticket{}) {
            found.any = found.any || wait.deadline <= now;
            found.next = wait.deadline > now ? std::min(found.next, wait.deadline) : found.next;
        }
    }
    return found;
}

void VirtioSlots::end_overdue(u64 now) {
    const Guard guard(lock_);
    for (const Wait& wait : waits_) {
        if (wait.ticket != Ticket{} && wait.deadline <= now) {
            slots_[wait.slot].give_up();
            complete(wait.slot);
        }
    }
}

} // namespace trv::vdev
