// SPDX-License-Identifier: Apache-2.0
// Yielding calls: from taking a slot to freeing it, across interruptions.

#include "arch/clock.hpp"
#include "arch/pending_interrupt.hpp"
#include "tee/abi.hpp"
#include "tee/optee_entry.hpp"
#include "tee/tenant.hpp"

namespace trv::tee {

u32 Tenant::calls_in_flight() const {
    u32 calls = 0;
    for (unsigned i = 0; i < slot_count_; ++i) {
        const SlotState state = slots_[i].word.state();
        calls += state == SlotState::Running || state == SlotState::AwaitGuest ? 1 : 0;
    }
    return calls;
}

/// A driver that gets "busy" sleeps until another call of its own ends: with none in flight, forever [Linux
/// drivers/tee/optee/call.c]. The slot of this call is already free, or was never taken.
u32 Tenant::safe_code(u32 code) const {
    const bool busy = code == abi::EThreadLimit || code == abi::EBusy;
    return busy && calls_in_flight() == 0 ? abi::ENoMem : code;
}

CallSlot* Tenant::claim_slot(SlotState state) {
    for (unsigned i = 0; i < slot_count_; ++i) {
        if (slots_[i].word.claim(state)) {
            return &slots_[i];
        }
    }
    return nullptr;
}

/// The first call ends orphans, so that the driver gets all its threads, and closes lost sessions; an orphan that
/// resisted before waits until no other slot is free.
CallSlot* Tenant::take_slot(const CallRequest& request) {
    // Relaxed: a call that misses a concurrent orphan leaves it to the next call.
    const bool orphans = request.tries_left != 0 && orphans_.load(std::memory_order_relaxed) != 0;
    CallSlot* slot = orphans ? claim_orphan(SlotState::Orphan, request) : nullptr;
    if (slot == nullptr && request.tries_left != 0 && sessions_.has_lost()) {
        slot = claim_closing(request);
    }
    if (slot == nullptr) {
        slot = request.form == Form::None ? claim_probe(request) : claim_call(request);
    }
    return slot == nullptr && orphans ? claim_orphan(SlotState::Resisting, request) : slot;
}

CallSlot* Tenant::claim_call(const CallRequest& request) {
    CallSlot* const slot = claim_slot(SlotState::Free);
    if (slot != nullptr) {
        start_in(*slot, request);
    }
    return slot;
}

void Tenant::start_in(CallSlot& slot, const CallRequest& request) {
    slot.request = request;
    slot.stage = Stage::Locate;
    slot.suspended = false;
    slot.draining = false;
    slot.drain_attempts = 0;
    slot.message.command = msg::Command::Cancel; // until it is read
    slot.code = abi::Ok;
    slot.ret = 0;
    slot.ret_origin = 0;
    slot.from_tee = false;
    slot.own_free = false;
    slot.fetched = false;
    slot.traced = false;
    slot.alloc_used = false;
    slot.unsettled = SharedMemory::none;
    slot.waits_for_room = false;
    slot.call_victim = {};
    slot.rpc_victim = {};
}

Outcome Tenant::begin_call(const CallRequest& request, Registers registers) {
    if (orphans_.load(std::memory_order_relaxed) != 0) {
        try_again(nullptr);
    }
    CallSlot* const slot = take_slot(request);
    return slot != nullptr ? run(*slot, registers) : refuse_for_threads(registers);
}

Outcome Tenant::refuse_for_threads(Registers registers) {
    count(Refusal::ThreadLimit);
    put(registers, safe_code(abi::EThreadLimit));
    return Outcome::done();
}

Outcome Tenant::return_from_rpc(Registers registers) {
    const u32 token = static_cast<u32>(registers[3]);
    const unsigned index = SlotWord::index_of(token);
    if (index >= slot_count_ || !slots_[index].word.resume(token)) {
        count(Refusal::BadToken);
        put(registers, abi::EResume);
        return Outcome::done();
    }
    CallSlot& slot = slots_[index];
    slot.guest_answer = {abi::low_half(registers[1]), abi::low_half(registers[2]), abi::low_half(registers[4]),
                         abi::low_half(registers[5])};
    return run(slot, registers);
}

/// The only entry into OP-TEE on this VM's behalf.
arch::SmcResult Tenant::enter_tee(const arch::SmcArguments& entry, unsigned slot) {
    if (trace_ != nullptr) {
        trace_->enter(slot);
    }
    const arch::SmcResult result = enter_optee(entry);
    if (trace_ != nullptr) {
        trace_->leave(slot);
    }
    return result;
}

void Tenant::enter(CallSlot& slot) {
    const u64 before = arch::ticks();
    slot.entry.a[7] = id_; // the guest never sets the VM's id
    slot.result = enter_tee(slot.entry, slot.index);
    statistics_.secure_ticks.add(arch::ticks() - before);
    statistics_.entries.add();
    slot.stage = Stage::Returned;
}

/// Passes the call to the guest with a token. The slot must be complete: another CPU may own it immediately, together
/// with `to_guest_`.
void Tenant::suspend(CallSlot& slot, ToGuest request, Registers registers) {
    const u32 token = slot.word.await_guest(slot.index);
    put(registers, request.rpc, request.a1, request.a2, token);
}

Outcome Tenant::run(CallSlot& first, Registers registers) {
    CallSlot* slot = &first;
    for (;;) {
        const Next next = advance(*slot);
        switch (next) {
        case Next::Continue:
            break;
        case Next::Slice:
            if (arch::interrupt_pending()) {
                statistics_.slices.add();
                suspend(*slot, {abi::RpcForeignInterrupt, 0, 0}, registers);
                return Outcome::done();
            }
            break;
        case Next::Enter:
            enter(*slot);
            break;
        case Next::Foreign:
            return Outcome::foreign_interrupt(slot->index);
        case Next::ToGuest:
            suspend(*slot, to_guest_[slot->index], registers);
            return Outcome::done();
        case Next::Finished:
            return leave(*slot, registers);
        case Next::Drained:
        case Next::Waits:
        case Next::Resists:
            slot = leave_orphan(*slot, next);
            if (slot == nullptr) {
                return refuse_for_threads(registers);
            }
            break;
        }
    }
}

/// The call has ended. Its slot is free before the guest resumes, which may start its next call at once.
Outcome Tenant::leave(CallSlot& slot, Registers registers) {
    const u32 code = slot.code;
    const bool waits = slot.waits_for_room; // another call was in flight then, and the guest has yet to see its end
    slot.word.leave(SlotState::Free);
    put(registers, waits ? code : safe_code(code));
    return Outcome::done();
}

Tenant::Next Tenant::advance(CallSlot& slot) {
    switch (slot.stage) {
    case Stage::Locate:
        return locate(slot);
    case Stage::Housekeep:
        return housekeep(slot);
    case Stage::Fetch:
        return fetch(slot);
    case Stage::CollectRegister:
        return collect_register(slot);
    case Stage::SendRegister:
        return send_buffer(slot);
    case Stage::Windows:
        return windows(slot);
    case Stage::EvictAll:
        return evict_all(slot);
    case Stage::EnterMain:
        return enter_main(slot);
    case Stage::Returned:
        return returned(slot);
    case Stage::DeliverRpc:
        return deliver_rpc(slot);
    case Stage::TakeRpcMemory:
        return take_rpc_memory(slot);
    case Stage::ReadReply:
        return read_reply(slot);
    case Stage::ReadAlloc:
        return read_alloc(slot);
    case Stage::CollectAlloc:
        return collect_alloc(slot);
    case Stage::Reenter:
        return reenter(slot);
    case Stage::Forget:
        return forget(slot);
    case Stage::Release:
        return release(slot);
    case Stage::Complete:
        return complete(slot);
    case Stage::Finish:
        return finish(slot);
    }
    return Next::Finished;
}

} // namespace trv::tee
