// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/slots.hpp"

#include <algorithm>

namespace trv::tee::optee {

void Slots::give(const Arena& arena, u64 first, unsigned count) {
    count_ = 0;
    give_more(arena, first, count);
}

void Slots::give_more(const Arena& arena, u64 first, unsigned count) {
    for (unsigned i = 0; i < count && count_ < max_threads; ++i, ++count_) {
        slots_[count_].arena = arena.slot(first + i);
        slots_[count_].arena.clear();
    }
}

u32 Slots::in_flight() const {
    return static_cast<u32>(std::ranges::count_if(all(), [](const CallSlot& slot) {
        const SlotState state = slot.word.state();
        return state == SlotState::Running || state == SlotState::AwaitGuest;
    }));
}

u32 Slots::free() const {
    return static_cast<u32>(
        std::ranges::count_if(all(), [](const CallSlot& slot) { return slot.word.state() == SlotState::Free; }));
}

void Slots::orphan_waiting() {
    for (CallSlot& slot : all()) {
        orphans_.fetch_add(1, std::memory_order_relaxed); // first: another CPU may claim it at once
        if (!slot.word.orphan()) {
            orphans_.fetch_sub(1, std::memory_order_relaxed);
        }
    }
}

void Slots::orphan_running() {
    for (CallSlot& slot : all()) {
        if (slot.word.state() == SlotState::Running) { // an interrupt brought its vCPU out, which was parked
            leave(slot, SlotState::Orphan);
        }
    }
}

void Slots::try_again(const CallSlot* except) {
    for (CallSlot& slot : all()) {
        if (&slot != except) {
            slot.word.try_again();
        }
    }
}

void Slots::drop_all() {
    for (CallSlot& slot : all()) {
        slot.call.reset();
        slot.word.leave(SlotState::Free);
    }
    orphans_.store(0, std::memory_order_relaxed);
}

} // namespace trv::tee::optee
