// SPDX-License-Identifier: Apache-2.0
// Calls without a guest: those whose driver is gone, the mediator's own, and what is left at a VM's end.

#include "arch/cpu/clock.hpp"
#include "lib/time/time.hpp"
#include "tee/optee/call/calls.hpp"

namespace trv::tee::optee {
namespace {

/// The time after which a VM's applications no longer delay its end.
constexpr u64 patience_ns = 5 * nanoseconds_per_second;
/// How long one of them computes before another gets its turn.
constexpr u64 turn_ns = nanoseconds_per_second / 5;
/// Entries into OP-TEE in one step.
constexpr u32 most_entries = 64;

u64 now_ns() {
    return ticks_to_nanoseconds(arch::ticks(), arch::tick_hz());
}

} // namespace

// Calls and sessions whose driver is gone (kexec, module reload, a crashed kernel, a VM's end): OP-TEE's thread still
// waits, and only the mediator can reply to it. The next call ends all of them before it begins.

CallSlot* Calls::claim_orphan(SlotState state, const CallRequest& next) {
    CallSlot* const slot = slots_.claim(state);
    if (slot != nullptr) {
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
    return slots_.free() > 1 || (slots_.in_flight() == 0 && slots_.orphans() == 0);
}

/// A call of the mediator's own. It closes a session which the driver left open; or it asks for an application that may
/// have stayed loaded, and so counts against a VM that uses more than its part.
CallSlot* Calls::claim_own(const CallRequest& next) {
    CallSlot* const slot = may_close() ? slots_.claim(SlotState::Free) : nullptr;
    if (slot == nullptr) {
        return nullptr;
    }
    std::optional<OwnCall> own = closing();
    if (!own && !end_) {
        own = probe();
    }
    return start_own(*slot, own, next);
}

std::optional<OwnCall> Calls::closing() {
    const std::optional<Sessions::Lost> lost = tables_.sessions.take_lost();
    if (!lost) {
        return std::nullopt;
    }
    OwnCall own{.message = {}, .application = lost->application};
    own.message.command = msg::Command::CloseSession;
    own.message.session = lost->session;
    return own;
}

/// Without a call the slot is freed.
CallSlot* Calls::start_own(CallSlot& slot, const std::optional<OwnCall>& own, const CallRequest& next) {
    if (!own) {
        slots_.leave(slot, SlotState::Free);
        return nullptr;
    }
    tables_.count(CallKind::Own);
    slot.call.emplace(tables_, slots_, slots_.index_of(slot), slot.arena, *own, next);
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
    slots_.leave(slot, state);
    if (got_on) {
        slots_.try_again(&slot);
    }
    return take_slot(next);
}

// A VM's calls at its end. VM_DESTROYED removes a partition at once, but not all its resources: address-space ids of
// applications come from one pool for all VMs, and only closing an application's last session frees its id [core_mmu.c,
// vm.c]. So calls in flight are ended first, and sessions closed.

void Calls::begin_end() {
    slots_.orphan_running();
    slots_.orphan_waiting();
    tables_.sessions.lose_all();
    tables_.sessions.doubt();
    end_ = End{.deadline_ns = now_ns() + patience_ns};
}

void Calls::take_next(CallSlot* slot) {
    end_->current = slot;
    end_->turn_end_ns = now_ns() + turn_ns;
}

bool Calls::end_step() {
    const auto is_time_up = [this] { return now_ns() >= end_->deadline_ns; };
    if (end_->current == nullptr) {
        slots_.try_again(nullptr);
        take_next(take_slot({.form = Form::None}));
    }
    for (u32 entries = 0; end_->current != nullptr && entries < most_entries; ++entries) {
        CallSlot& slot = *end_->current;
        switch (const Next next = slot.call->run(1)) {
        case Next::Foreign: // the caller takes the interrupt between two steps
            if (now_ns() >= end_->turn_end_ns) {
                take_next(leave_orphan(slot, Next::Resists));
            }
            return is_time_up();
        case Next::Slice:
            return false;
        case Next::Ended:
        case Next::Waits:
        case Next::Resists:
            take_next(leave_orphan(slot, next));
            break;
        case Next::Continue:
        case Next::ToGuest: // there is none
            break;
        }
    }
    return (end_->current == nullptr && slots_.orphans() == 0) || is_time_up();
}

/// A call that opens an application which may still be loaded. OP-TEE cannot load it from anywhere now, so it succeeds
/// only if the application is still loaded.
CallSlot* Calls::claim_probe(const CallRequest& none) {
    CallSlot* const slot = may_probe() ? slots_.claim(SlotState::Free) : nullptr;
    return slot != nullptr ? start_own(*slot, probe(), none) : nullptr;
}

/// A call that has not ended may have the application loaded: the mediator does not wait for a call that will not end,
/// or no time would remain to probe.
bool Calls::may_probe() const {
    return slots_.orphans() == 0 || now_ns() + patience_ns / 2 >= end_->deadline_ns;
}

std::optional<OwnCall> Calls::probe() {
    const std::optional<Applications::Probe> probe = tables_.sessions.reserve_probe();
    if (!probe) {
        return std::nullopt;
    }
    const auto words = std::bit_cast<std::array<u64, 2>>(probe->uuid.bytes);
    OwnCall own{.message = {}, .application = probe->application};
    CheckedMessage& message = own.message;
    message.command = msg::Command::OpenSession;
    message.num_params = 2;
    message.params[0] = {ParamKind::Value, msg::ValueIn | msg::Meta, words[0], words[1], 0};
    message.params[1] = {ParamKind::Value, msg::ValueIn | msg::Meta, 0, 0, 0}; // TEE_LOGIN_PUBLIC
    return own;
}

} // namespace trv::tee::optee
