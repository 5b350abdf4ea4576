// SPDX-License-Identifier: Apache-2.0
// OP-TEE's requests to normal world, on their way to the guest.

#include "tee/abi.hpp"
#include "tee/tenant.hpp"

namespace trv::tee {
namespace {

using msg::TeeResult;

} // namespace

Tenant::Next Tenant::rpc_came(CallSlot& slot) {
    slot.stage = Stage::Reenter;
    slot.resume = {};
    const auto& a = slot.result.a;
    switch (static_cast<u32>(a[0])) {
    case abi::RpcForeignInterrupt:
        return slot.draining ? drain_interrupt(slot) : Next::Foreign;
    case abi::RpcAlloc:
        return rpc_alloc(slot);
    case abi::RpcFree:
        statistics_.rpc_allocs.add();
        if (abi::from_halves(a[1], a[2]) == slot.alloc_cookie) {
            slot.alloc_used = false;
        }
        return Next::Continue;
    case abi::RpcCommand:
        return rpc_command(slot);
    default:
        return Next::Continue; // no other exists; OP-TEE accepts any reply
    }
}

/// OP-TEE requests an RPC argument although each call passes one: it initialises a new partition before it reads the
/// argument [thread_optee_smc.c]. It gets one in the arena.
Tenant::Next Tenant::rpc_alloc(CallSlot& slot) {
    statistics_.rpc_allocs.add();
    const u64 size = slot.result.a[1] & 0xffff'ffff;
    if (slot.alloc_used || size > ArenaSlot::alloc_size) {
        return Next::Continue; // address 0 and cookie 0: none
    }
    constexpr u64 place = 0xffff; // no record of shared memory has it
    slot.alloc_used = true;
    slot.alloc_cookie = u64{slot.index + 1U} << 16 | place;
    const u64 pa = slot.arena.alloc().value;
    slot.resume = {abi::high_half(pa), abi::low_half(pa), abi::high_half(slot.alloc_cookie),
                   abi::low_half(slot.alloc_cookie)};
    return Next::Continue;
}

Tenant::Next Tenant::rpc_command(CallSlot& slot) {
    const u64 cookie = abi::from_halves(slot.result.a[1], slot.result.a[2]);
    if (cookie == 0) {
        slot.rpc_shadow = ShadowMessage(slot.arena.message() + msg::size_of(slot.sent_params));
    } else if (slot.alloc_used && cookie == slot.alloc_cookie) {
        slot.rpc_shadow = ShadowMessage(slot.arena.alloc());
    } else {
        return Next::Continue; // OP-TEE reads the error that it wrote there itself
    }
    const msg::Header header = slot.rpc_shadow.header();
    statistics_.rpcs[std::min(header.cmd, counted_rpcs - 1)].add();
    if (trace_ != nullptr) {
        trace_->rpc(slot.index, header.cmd);
    }
    slot.rpc = RpcRequest();
    slot.rpc.command = header.cmd;
    slot.rpc.num_params = header.num_params;
    if (header.num_params > msg::most_rpc_params) {
        return answer_rpc(slot, TeeResult::BadParameters);
    }
    switch (rule_of(header.cmd)) {
    case RpcRule::Refuse:
        return slot.draining ? drain_rpc(slot, TeeResult::NotSupported) : answer_rpc(slot, TeeResult::NotSupported);
    case RpcRule::Free:
        return rpc_free_shm(slot);
    case RpcRule::Alloc:
        if (slot.draining) {
            return drain_rpc(slot, TeeResult::OutOfMemory);
        }
        if (header.num_params != 1) {
            return answer_rpc(slot, TeeResult::BadParameters);
        }
        if (slot.work != Work::Main) { // the slot's page list may be in use: no other registration meanwhile
            return answer_rpc(slot, TeeResult::OutOfMemory);
        }
        break;
    case RpcRule::Pass:
        if (slot.draining) {
            return drain_pass(slot);
        }
        if (is_denied(slot)) {
            count(Refusal::Policy);
            return answer_rpc(slot, TeeResult::ItemNotFound);
        }
        break;
    }
    if (!translate_request(slot)) {
        return answer_rpc(slot, TeeResult::BadParameters);
    }
    slot.stage = Stage::DeliverRpc;
    return Next::Continue;
}

/// Whether OP-TEE wants to load what the VM may not open: an application opens others, which no message names.
bool Tenant::is_denied(const CallSlot& slot) {
    if (slot.rpc.command != msg::rpc::LoadTa || slot.rpc.num_params == 0) {
        return false;
    }
    const msg::Param name = slot.rpc_shadow.param(0);
    return denies(Uuid::from_words(name.a, name.b), "OP-TEE the application");
}

/// Translates cookies to the guest's. A request with an address is rejected.
bool Tenant::translate_request(CallSlot& slot) {
    for (u32 i = 0; i < slot.rpc.num_params; ++i) {
        const msg::Param param = slot.rpc_shadow.param(i);
        const u64 type = param.attr & msg::TypeMask;
        if (type == msg::None) {
            slot.rpc.params[i] = {};
        } else if (msg::is_value(type)) {
            slot.rpc.params[i] = {type, param.a, param.b, param.c};
        } else if (msg::is_tmem(type) && param.a == 0) {
            slot.rpc.params[i] = {type, 0, param.b, 0};
        } else if (msg::is_rmem(type)) {
            const Checked<SharedMemory::GuestReference> name = shared_.guest_name(param.c);
            if (!name) {
                return false;
            }
            slot.rpc.params[i] = {type, param.a + name->offset, param.b, name->cookie};
        } else {
            return false;
        }
    }
    return true;
}

/// OP-TEE has already dropped the buffer, and the guest may reuse its cookie as soon as it gets this request: so the
/// record is removed, and the pages are unpinned, first.
Tenant::Next Tenant::rpc_free_shm(CallSlot& slot) {
    const msg::Param param = slot.rpc_shadow.param(0);
    const Checked<SharedMemory::RpcBuffer> freed =
        slot.rpc.num_params == 1 ? shared_.detach_rpc(param.b) : std::unexpected(Refusal::UnknownCookie);
    if (!freed) {
        return answer_rpc(slot, TeeResult::BadParameters);
    }
    slot.rpc.params[0] = {msg::ValueIn, param.a, freed->guest_cookie, 0};
    slot.victim().buffer = freed->buffer;
    slot.victim().next = Stage::DeliverRpc;
    if (slot.draining || freed->orphan) { // the driver that knew the cookie is gone
        answer_rpc(slot, TeeResult::Success);
        slot.victim().next = Stage::Reenter;
    }
    slot.stage = Stage::Release;
    return Next::Continue;
}

/// Writes the request to the guest's RPC argument, or first requests memory for one.
Tenant::Next Tenant::deliver_rpc(CallSlot& slot) {
    if (slot.draining) {
        if (std::exchange(slot.own_free, false)) { // OP-TEE got its reply before
            return reenter(slot);
        }
        return answer_rpc(slot, slot.rpc.command == msg::rpc::ShmFree ? TeeResult::Success : TeeResult::Generic);
    }
    if (slot.rpc_block().empty()) {
        if (std::optional<RpcMemory> cached = rpc_cache_.take()) {
            slot.rpc_memory = std::move(*cached);
        } else {
            slot.stage = Stage::TakeRpcMemory;
            to_guest_[slot.index] = {abi::RpcAlloc, msg::rpc_size, 0};
            return Next::ToGuest;
        }
    }
    const GuestBlock block = slot.rpc_block();
    block.store(0, slot.rpc.command);
    block.store(8, 0);
    block.store(16, u64{static_cast<u32>(TeeResult::Generic)} << 32);
    block.store(24, u64{slot.rpc.num_params} << 32);
    for (u32 i = 0; i < slot.rpc.num_params; ++i) {
        const u64 at = msg::param_offset(i);
        const msg::Param& param = slot.rpc.params[i];
        block.store(at, param.attr);
        block.store(at + 8, param.a);
        block.store(at + 16, param.b);
        block.store(at + 24, param.c);
    }
    if (slot.own_free) {
        slot.own_free = false;
        slot.stage = Stage::Reenter;
    } else {
        slot.stage = rule_of(slot.rpc.command) == RpcRule::Alloc ? Stage::ReadAlloc : Stage::ReadReply;
    }
    const u64 cookie = slot.rpc_memory.guest_cookie;
    to_guest_[slot.index] = {abi::RpcCommand, abi::high_half(cookie), abi::low_half(cookie)};
    return Next::ToGuest;
}

/// The mediator's reply to the current request.
Tenant::Next Tenant::answer_rpc(CallSlot& slot, msg::TeeResult result) {
    slot.rpc_shadow.set_result(static_cast<u32>(result));
    slot.stage = Stage::Reenter;
    return Next::Continue;
}

Tenant::Next Tenant::reenter(CallSlot& slot) {
    slot.entry = {{abi::ReturnFromRpc, slot.resume[0], slot.resume[1], slot.thread, slot.resume[2], slot.resume[3]}};
    return Next::Enter;
}

} // namespace trv::tee
