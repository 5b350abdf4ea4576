// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/calls.hpp"

#include "arch/clock.hpp"
#include "arch/pending_interrupt.hpp"
#include "lib/time.hpp"

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

// Yielding calls: from taking a slot to freeing it, across interruptions.

Outcome Calls::begin(const CallRequest& request, Registers registers) {
    if (slots_.orphans() != 0) {
        slots_.try_again(nullptr);
    }
    CallSlot* const slot = take_slot(request);
    return slot != nullptr ? run(*slot, registers) : refuse_for_threads(registers);
}

/// The first call ends orphans, so that the driver gets all its threads, and closes lost sessions; an orphan that
/// resisted before waits until no other slot is free.
CallSlot* Calls::take_slot(const CallRequest& request) {
    const bool orphans = request.tries_left != 0 && slots_.orphans() != 0;
    CallSlot* slot = orphans ? claim_orphan(SlotState::Orphan, request) : nullptr;
    if (slot == nullptr && request.tries_left != 0 && tables_.sessions.has_lost()) {
        slot = claim_closing(request);
    }
    if (slot == nullptr) {
        slot = request.form == Form::None ? claim_probe(request) : claim_for(request);
    }
    return slot == nullptr && orphans ? claim_orphan(SlotState::Resisting, request) : slot;
}

CallSlot* Calls::claim_for(const CallRequest& request) {
    CallSlot* const slot = slots_.claim(SlotState::Free);
    if (slot != nullptr) {
        slot->call.emplace(tables_, slots_, slots_.index_of(*slot), slot->arena, request);
    }
    return slot;
}

/// Runs the call, and what has to end before it can begin.
Outcome Calls::run(CallSlot& first, Registers registers) {
    CallSlot* slot = &first;
    for (;;) {
        Call& call = *slot->call;
        switch (const Next next = call.run()) {
        case Next::Continue:
            break;
        case Next::Slice:
            if (arch::interrupt_pending()) {
                tables_.statistics.slices.add();
                return suspend(*slot, {abi::RpcForeignInterrupt, 0, 0}, registers);
            }
            break;
        case Next::Foreign:
            return Outcome::foreign_interrupt(call.index);
        case Next::ToGuest:
            return suspend(*slot, call.to_guest, registers);
        case Next::Ended:
        case Next::Waits:
        case Next::Resists:
            if (call.peer.is_guest()) {
                return leave(*slot, registers);
            }
            slot = leave_orphan(*slot, next);
            if (slot == nullptr) {
                return refuse_for_threads(registers);
            }
            break;
        }
    }
}

/// Passes the call to the guest with a token. The call must be complete: another CPU may own it immediately.
Outcome Calls::suspend(CallSlot& slot, ToGuest request, Registers registers) {
    const u32 token = slot.word.await_guest(slots_.index_of(slot));
    put(registers, request.rpc, request.a1, request.a2, token);
    return Outcome::done();
}

Outcome Calls::return_from_rpc(Registers registers) {
    CallSlot* const slot = slots_.resume(static_cast<u32>(registers[3]));
    if (slot == nullptr) {
        tables_.count(Refusal::BadToken);
        put(registers, abi::EResume);
        return Outcome::done();
    }
    slot->call->rpc.guest_returned({abi::low_half(registers[1]), abi::low_half(registers[2]),
                                    abi::low_half(registers[4]), abi::low_half(registers[5])});
    return run(*slot, registers);
}

Outcome Calls::resume_absorbed(unsigned slot, Registers registers) {
    tables_.statistics.foreign_absorbed.add();
    return run(slots_.owned(slot), registers);
}

Outcome Calls::deliver_foreign_interrupt(unsigned slot, Registers registers) {
    tables_.statistics.foreign_forwarded.add();
    return suspend(slots_.owned(slot), {abi::RpcForeignInterrupt, 0, 0}, registers);
}

/// The call has ended. Its slot is free before the guest resumes, which may start its next call at once.
Outcome Calls::leave(CallSlot& slot, Registers registers) {
    const u32 code = slot.call->answer.code;
    // Another call was in flight then, and the guest has yet to see its end.
    const bool waits = slot.call->answer.waits_for_room;
    slot.call.reset();
    slots_.leave(slot, SlotState::Free);
    put(registers, waits ? code : safe_code(code));
    return Outcome::done();
}

Outcome Calls::refuse_for_threads(Registers registers) {
    tables_.count(Refusal::ThreadLimit);
    put(registers, safe_code(abi::EThreadLimit));
    return Outcome::done();
}

/// A driver that gets "busy" sleeps until another call of its own ends: with none in flight, forever [Linux
/// drivers/tee/optee/call.c]. The slot of this call is already free, or was never taken.
u32 Calls::safe_code(u32 code) const {
    const bool busy = code == abi::EThreadLimit || code == abi::EBusy;
    return busy && slots_.in_flight() == 0 ? abi::ENoMem : code;
}

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

/// A call of the mediator's own that closes a session which the driver left open.
CallSlot* Calls::claim_closing(const CallRequest& next) {
    CallSlot* const slot = may_close() ? slots_.claim(SlotState::Free) : nullptr;
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
        slots_.leave(slot, SlotState::Free);
        return nullptr;
    }
    tables_.count(CallKind::Own);
    slot.call.emplace(tables_, slots_, slots_.index_of(slot), slot.arena, *message, next);
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
    return slot != nullptr ? start_own(*slot, probing_message(), none) : nullptr;
}

/// A call that has not ended may have the application loaded: the mediator does not wait for a call that will not end,
/// or no time would remain to probe.
bool Calls::may_probe() const {
    return slots_.orphans() == 0 || now_ns() + patience_ns / 2 >= end_->deadline_ns;
}

std::optional<CheckedMessage> Calls::probing_message() {
    if (!tables_.sessions.reserve()) {
        return std::nullopt;
    }
    const std::optional<Uuid> application = tables_.applications.take();
    if (!application) {
        tables_.sessions.cancel();
        return std::nullopt;
    }
    const auto words = std::bit_cast<std::array<u64, 2>>(application->bytes);
    CheckedMessage message;
    message.command = msg::Command::OpenSession;
    message.num_params = 2;
    message.params[0] = {ParamKind::Value, msg::ValueIn | msg::Meta, words[0], words[1], 0};
    message.params[1] = {ParamKind::Value, msg::ValueIn | msg::Meta, 0, 0, 0}; // TEE_LOGIN_PUBLIC
    return message;
}

} // namespace trv::tee::optee
