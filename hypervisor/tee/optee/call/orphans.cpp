// SPDX-License-Identifier: Apache-2.0
// Calls and sessions whose driver is gone (kexec, module reload, a crashed kernel, a VM's end): OP-TEE's thread still
// waits, and only the mediator can reply to it. The next call ends all of them before it begins.

#include "tee/optee/call/calls.hpp"

#include <algorithm>
#include <span>

namespace trv::tee::optee {

void Calls::orphan_all() {
    for (unsigned i = 0; i < slot_count_; ++i) {
        orphans_.fetch_add(1, std::memory_order_relaxed); // first: another CPU may claim it at once
        if (!slots_[i].word.orphan()) {
            orphans_.fetch_sub(1, std::memory_order_relaxed);
        }
    }
}

/// Retries waiting orphans, whose wait may have ended.
void Calls::try_again(const CallSlot* except) {
    for (unsigned i = 0; i < slot_count_; ++i) {
        if (&slots_[i] != except) {
            slots_[i].word.try_again();
        }
    }
}

CallSlot* Calls::claim_orphan(SlotState state, const CallRequest& next) {
    CallSlot* const slot = claim(state);
    if (slot != nullptr) {
        orphans_.fetch_sub(1, std::memory_order_relaxed);
        slot->call->lose_guest(next);
    }
    return slot;
}

/// Closing may have to wait for the application, which occupies the slot: so another slot must be left for calls, if
/// any may come.
bool Calls::may_close() const {
    if (end_) {
        return true;
    }
    const auto free = std::ranges::count_if(std::span(slots_).first(slot_count_),
                                            [](const CallSlot& slot) { return slot.word.state() == SlotState::Free; });
    return free > 1 || (in_flight() == 0 && orphans() == 0);
}

/// A call of the mediator's own that closes a session which the driver left open.
CallSlot* Calls::claim_closing(const CallRequest& next) {
    CallSlot* const slot = may_close() ? claim(SlotState::Free) : nullptr;
    return slot != nullptr ? start_own(*slot, closing_message(), next) : nullptr;
}

std::optional<CheckedMessage> Calls::closing_message() {
    const std::optional<u32> session = tables_.sessions.take_lost();
    if (!session) {
        return std::nullopt;
    }
    CheckedMessage message;
    message.command = msg::Command::CloseSession;
    message.session = *session;
    return message;
}

/// A call of the mediator's own about a reserved session. Without a message the slot is freed.
CallSlot* Calls::start_own(CallSlot& slot, const std::optional<CheckedMessage>& message, const CallRequest& next) {
    if (!message) {
        slot.word.leave(SlotState::Free);
        return nullptr;
    }
    tables_.count(CallKind::Own);
    slot.call.emplace(tables_, *this, index_of(slot), slot.arena, *message, next);
    return &slot;
}

/// Looks for another slot for the call that found the orphan. If the orphan got on, those that waited for it are
/// retried: two that each hold what the other needs are run in turn.
/// @param how the orphan ended, or why it does not
CallSlot* Calls::leave_orphan(CallSlot& slot, Next how) {
    Peer& peer = slot.call->peer;
    const CallRequest next = peer.follower();
    const bool got_on = how == Next::Ended || peer.got_on();
    SlotState state = SlotState::Waiting;
    if (how == Next::Ended) {
        state = SlotState::Free;
        slot.call.reset();
    } else if (how == Next::Resists) {
        state = end_ || peer.may_try_again() ? SlotState::Resisting : SlotState::Stuck;
    }
    if (state == SlotState::Waiting || state == SlotState::Resisting) {
        orphans_.fetch_add(1, std::memory_order_relaxed);
    }
    slot.word.leave(state);
    if (got_on) {
        try_again(&slot);
    }
    return take_slot(next);
}

} // namespace trv::tee::optee
