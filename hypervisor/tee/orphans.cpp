// SPDX-License-Identifier: Apache-2.0
// Calls and sessions whose driver is gone (kexec, module reload, a crashed kernel, a VM's end): OP-TEE's thread still
// waits, and only the mediator can reply to it. The next call ends all of them before it begins.

#include "tee/abi.hpp"
#include "tee/tenant.hpp"

#include <algorithm>

namespace trv::tee {
namespace {

/// The number of errors to one orphan before it counts as resisting.
constexpr u32 most_rpcs = 64;
/// Interrupts delay a call, but do not prevent its end.
constexpr u32 most_interrupts = 4096;
/// The number of attempts before it is given up.
constexpr u32 most_attempts = 8;
/// OP-TEE repeats a wait for another thread, whatever the reply is, until that thread has continued; more than one,
/// because a thread may have to wait for two locks in turn.
constexpr u32 most_waits = 2;

/// A mutex or condition variable of OP-TEE's [notif.h]: up to this value notifications are those of devices.
bool is_wait_for_thread(const msg::Header& header, const msg::Param& param) {
    return header.cmd == msg::rpc::Notification && header.num_params == 1 && param.a == msg::rpc::notification_wait &&
           param.b >= Notifications::values;
}

} // namespace

/// Turns the calls of a former driver into orphans.
void Tenant::orphan_all() {
    for (unsigned i = 0; i < slot_count_; ++i) {
        orphans_.fetch_add(1, std::memory_order_relaxed); // first: another CPU may claim it at once
        if (!slots_[i].word.orphan()) {
            orphans_.fetch_sub(1, std::memory_order_relaxed);
        }
    }
}

/// Retries waiting orphans, whose wait may have ended.
void Tenant::try_again(const CallSlot* except) {
    for (unsigned i = 0; i < slot_count_; ++i) {
        if (&slots_[i] != except) {
            slots_[i].word.try_again();
        }
    }
}

CallSlot* Tenant::claim_orphan(SlotState state, const CallRequest& next) {
    CallSlot* const slot = claim_slot(state);
    if (slot != nullptr) {
        orphans_.fetch_sub(1, std::memory_order_relaxed);
        drain(*slot, next);
        adopt_orphan(*slot);
    }
    return slot;
}

/// Closing may have to wait for the application, which occupies the slot: so another slot must be left for calls, if
/// any may come.
bool Tenant::may_close() const {
    if (ending_ != Ending::No) {
        return true;
    }
    const auto free = std::ranges::count_if(std::span(slots_).first(slot_count_),
                                            [](const CallSlot& slot) { return slot.word.state() == SlotState::Free; });
    return free > 1 || (calls_in_flight() == 0 && orphans_.load(std::memory_order_relaxed) == 0);
}

/// A call of the mediator's own that closes a session which the driver left open.
CallSlot* Tenant::claim_closing(const CallRequest& next) {
    CallSlot* const slot = may_close() ? claim_slot(SlotState::Free) : nullptr;
    return slot != nullptr ? start_own(*slot, closing_message(), next) : nullptr;
}

std::optional<CheckedMessage> Tenant::closing_message() {
    const std::optional<u32> session = sessions_.take_lost();
    if (!session) {
        return std::nullopt;
    }
    return CheckedMessage{.command = msg::Command::CloseSession, .session = *session};
}

/// A message of the mediator's own about a reserved session; no guest replies to its requests. Without a message
/// the slot is freed.
CallSlot* Tenant::start_own(CallSlot& slot, const std::optional<CheckedMessage>& message, const CallRequest& next) {
    if (!message) {
        slot.word.leave(SlotState::Free);
        return nullptr;
    }
    statistics_.calls[static_cast<unsigned>(CallKind::Own)].add();
    start_in(slot, {.form = Form::None});
    slot.message = *message;
    slot.session_reserved = true;
    slot.stage = Stage::EnterMain;
    drain(slot, next);
    return &slot;
}

/// From here on the mediator replies to the call's requests, and `next` follows it.
void Tenant::drain(CallSlot& slot, const CallRequest& next) {
    slot.next = next;
    slot.next.tries_left -= next.form == Form::None ? 0 : 1; // the VM's end has its own limit
    slot.draining = true;
    slot.drain_rpcs = 0;
    slot.drain_waits = 0;
    slot.drain_interrupts = 0;
}

void Tenant::adopt_orphan(CallSlot& slot) {
    slot.drain_rpcs = slot.stage == Stage::Reenter ? 0 : 1; // the current request gets its reply below
    switch (slot.stage) {
    case Stage::TakeRpcMemory:
    case Stage::ReadReply:
        answer_rpc(slot, msg::TeeResult::Generic);
        break;
    case Stage::ReadAlloc:
        answer_rpc(slot, msg::TeeResult::OutOfMemory);
        break;
    case Stage::CollectAlloc:
        slot.walk.reset();
        answer_rpc(slot, msg::TeeResult::OutOfMemory);
        abandon(slot, Stage::Reenter);
        break;
    case Stage::CollectRegister:
        slot.walk.reset();
        abandon(slot, Stage::Complete);
        break;
    default:
        break; // continues normally
    }
}

/// Looks for another slot for the call that found the orphan. If the orphan progressed, those that waited for it are
/// retried: two that each hold what the other needs are driven in turn.
CallSlot* Tenant::leave_orphan(CallSlot& slot, Next how) {
    const CallRequest next = slot.next;
    const bool got_on = how == Next::Drained || slot.drain_rpcs != 0;
    SlotState state = SlotState::Free;
    if (how == Next::Waits) {
        state = SlotState::Waiting;
    } else if (how == Next::Resists) {
        const bool again = ending_ != Ending::No || ++slot.drain_attempts < most_attempts;
        state = again ? SlotState::Resisting : SlotState::Stuck;
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

/// Handles a request that the guest would have replied to.
Tenant::Next Tenant::drain_pass(CallSlot& slot) {
    if (!is_wait_for_thread(slot.rpc_shadow.header(), slot.rpc_shadow.param(0))) {
        return drain_rpc(slot, msg::TeeResult::Generic);
    }
    answer_rpc(slot, msg::TeeResult::Generic);
    return ++slot.drain_waits < most_waits ? Next::Continue : Next::Waits;
}

Tenant::Next Tenant::drain_rpc(CallSlot& slot, msg::TeeResult result) {
    answer_rpc(slot, result);
    return ++slot.drain_rpcs < most_rpcs ? Next::Continue : Next::Resists;
}

Tenant::Next Tenant::drain_interrupt(CallSlot& slot) {
    return ++slot.drain_interrupts < most_interrupts ? Next::Foreign : Next::Resists;
}

} // namespace trv::tee
