// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/calls.hpp"

#include "arch/exception/pending_interrupt.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

/// After which the driver makes the same call again.
constexpr bool is_busy(u32 code) {
    return code == abi::EThreadLimit || code == abi::EBusy;
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
    if (slot == nullptr && request.tries_left != 0 && (tables_.sessions.has_lost() || tables_.sessions.has_doubts())) {
        slot = claim_own(request);
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
        case Next::Resists: {
            if (call.peer.is_guest()) {
                return leave(*slot, registers);
            }
            const CallRequest follower = call.peer.follower();
            slot = leave_orphan(*slot, next);
            if (slot == nullptr) {
                return refuse_or_hold(follower, registers);
            }
            break;
        }
        }
    }
}

/// Passes the call to the guest with a token. The call must be complete: another CPU may own it immediately.
Outcome Calls::suspend(CallSlot& slot, ToGuest request, Registers registers) {
    slot.call->asks();
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
    if (is_busy(code) && slot.call->answered && (waits || slots_.in_flight() > 1)) {
        return begin_again(slot, registers);
    }
    slot.call.reset();
    slots_.leave(slot, SlotState::Free);
    put(registers, waits ? code : safe_code(code));
    return Outcome::done();
}

/// A guest that has had a request in reply to the call cannot be told to come again: it gets another one, in which its
/// other threads run, and then the call begins anew.
Outcome Calls::begin_again(CallSlot& slot, Registers registers) {
    CallRequest request = slot.call->request;
    request.answered = true;
    request.again = true;
    slot.call.reset();
    slot.call.emplace(tables_, slots_, slots_.index_of(slot), slot.arena, request);
    return suspend(slot, {abi::RpcForeignInterrupt, 0, 0}, registers);
}

Outcome Calls::refuse_for_threads(Registers registers) {
    tables_.count(Refusal::ThreadLimit);
    put(registers, safe_code(abi::EThreadLimit));
    return Outcome::done();
}

/// The same for a call that has no slot, while an orphan waits.
Outcome Calls::refuse_or_hold(const CallRequest& request, Registers registers) {
    if (!request.answered) {
        return refuse_for_threads(registers);
    }
    slots_.try_again(nullptr);
    CallRequest again = request;
    again.tries_left = std::max<u16>(again.tries_left, 1);
    if (CallSlot* const slot = claim_orphan(SlotState::Orphan, again)) {
        return suspend(*slot, {abi::RpcForeignInterrupt, 0, 0}, registers);
    }
    tables_.count(Refusal::ThreadLimit);
    put(registers, abi::ENoMem);
    return Outcome::done();
}

/// A driver that gets "busy" sleeps until another call of its own ends: with none in flight, forever [Linux
/// drivers/tee/optee/call.c]. The slot of this call is already free, or was never taken.
u32 Calls::safe_code(u32 code) const {
    return is_busy(code) && slots_.in_flight() == 0 ? abi::ENoMem : code;
}

} // namespace trv::tee::optee
