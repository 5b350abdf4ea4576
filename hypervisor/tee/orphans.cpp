// Calls whose driver is gone (kexec, module reload, a crashed kernel): OP-TEE's thread still waits, and only the
// mediator is left to answer it. The next call finishes the orphan in whose slot it then runs.

#include "tee/abi.hpp"
#include "tee/tenant.hpp"

namespace trv::tee {
namespace {

/// Errors to one orphan before it counts as one that waits for something else. A wait for a mutex of OP-TEE's is
/// repeated whatever the answer is.
constexpr u32 most_rpcs = 64;
/// Interrupts hold a call up but do not keep it from ending.
constexpr u32 most_interrupts = 4096;

} // namespace

void Tenant::adopt_orphan(CallSlot& slot, const CallRequest& next) {
    slot.next = next;
    slot.draining = true;
    slot.drain_rpcs = 0;
    slot.drain_interrupts = 0;
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
    case Stage::Finish:
        slot.stage = Stage::Complete;
        break;
    default:
        break; // goes on as it would have
    }
}

/// The orphan has ended; its slot serves the call that found it.
Tenant::Next Tenant::drained(CallSlot& slot) {
    drop_all(slot);
    start_in(slot, slot.next);
    return Next::Continue;
}

Tenant::Next Tenant::drain_rpc(CallSlot& slot, msg::TeeResult result) {
    answer_rpc(slot, result);
    if (++slot.drain_rpcs < most_rpcs) {
        return Next::Continue;
    }
    ++slot.drain_attempts;
    return Next::Restart;
}

Tenant::Next Tenant::drain_interrupt(CallSlot& slot) {
    if (++slot.drain_interrupts < most_interrupts) {
        return Next::Foreign;
    }
    ++slot.drain_attempts;
    return Next::Restart;
}

} // namespace trv::tee
