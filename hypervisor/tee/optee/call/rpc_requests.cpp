// SPDX-License-Identifier: Apache-2.0
// OP-TEE's requests to normal world, on their way to the guest.

#include "tee/optee/call/call.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

using msg::TeeResult;

} // namespace

Next Rpc::came(Call& call) {
    answer_ = {};
    switch (call.thread.code()) {
    case abi::RpcForeignInterrupt:
        call.go(Stage::Reenter);
        return call.peer.interrupted();
    case abi::RpcAlloc:
        return allocate_argument(call);
    case abi::RpcFree:
        return free_argument(call);
    case abi::RpcCommand:
        return command(call);
    default:
        return call.go(Stage::Reenter); // no other exists; OP-TEE accepts any reply
    }
}

/// OP-TEE requests an RPC argument although each call passes one: it initialises a new partition before it reads the
/// argument [thread_optee_smc.c]. It gets one in the arena.
Next Rpc::allocate_argument(Call& call) {
    call.tables.statistics.rpc_allocs.add();
    const u64 size = call.thread.value(1) & 0xffff'ffff;
    if (own_argument_.used || size > ArenaSlot::alloc_size) {
        return call.go(Stage::Reenter); // address 0 and cookie 0: none
    }
    constexpr u64 place = 0xffff; // no record of shared memory has it
    own_argument_ = {true, u64{call.index + 1U} << 16 | place};
    const u64 pa = call.thread.other_rpc_argument().pa().value;
    answer_ = {abi::high_half(pa), abi::low_half(pa), abi::high_half(own_argument_.cookie),
               abi::low_half(own_argument_.cookie)};
    return call.go(Stage::Reenter);
}

Next Rpc::free_argument(Call& call) {
    call.tables.statistics.rpc_allocs.add();
    if (abi::from_halves(call.thread.value(1), call.thread.value(2)) == own_argument_.cookie) {
        own_argument_.used = false;
    }
    return call.go(Stage::Reenter);
}

bool Rpc::finds_argument(const Call& call) {
    const u64 cookie = abi::from_halves(call.thread.value(1), call.thread.value(2));
    if (cookie == 0) {
        shadow_ = call.thread.rpc_argument();
        return true;
    }
    shadow_ = call.thread.other_rpc_argument();
    return own_argument_.used && cookie == own_argument_.cookie;
}

Next Rpc::command(Call& call) {
    if (!finds_argument(call)) {
        return call.go(Stage::Reenter); // OP-TEE reads the error that it wrote there itself
    }
    const msg::Header header = shadow_.header();
    call.tables.statistics.rpcs[std::min(header.cmd, counted_rpcs - 1)].add();
    if (call.tables.trace) {
        call.tables.trace->rpc(call.index, header.cmd);
    }
    request_ = RpcRequest();
    request_.command = header.cmd;
    request_.num_params = header.num_params;
    if (header.num_params > msg::most_rpc_params) {
        return reply(call, TeeResult::BadParameters);
    }
    const RpcRule rule = rule_of(header.cmd);
    if (const std::optional<Next> answered = call.peer.answers(call, rule)) {
        return *answered;
    }
    switch (rule) {
    case RpcRule::Refuse:
        return reply(call, TeeResult::NotSupported);
    case RpcRule::Free:
        return free_shared_memory(call);
    case RpcRule::Alloc:
        if (header.num_params != 1) {
            return reply(call, TeeResult::BadParameters);
        }
        if (call.thread.work() != Work::Main) { // its page list may be in use: no other registration meanwhile
            return reply(call, TeeResult::OutOfMemory);
        }
        break;
    case RpcRule::Pass:
        if (is_denied(call)) {
            call.tables.count(Refusal::Policy);
            return reply(call, TeeResult::ItemNotFound);
        }
        break;
    }
    return translate(call.tables.shared) ? call.go(Stage::DeliverRpc) : reply(call, TeeResult::BadParameters);
}

/// Whether OP-TEE wants to load what the VM may not open: an application opens others, which no message names.
bool Rpc::is_denied(Call& call) const {
    if (request_.command != msg::rpc::LoadTa || request_.num_params == 0) {
        return false;
    }
    const msg::Param name = shadow_.param(0);
    return call.tables.denies(Uuid::from_words(name.a, name.b), "OP-TEE the application");
}

/// Translates cookies to the guest's. A request with an address is rejected.
bool Rpc::translate(const SharedMemory& shared) {
    for (u32 i = 0; i < request_.num_params; ++i) {
        const msg::Param param = shadow_.param(i);
        const u64 type = param.attr & msg::TypeMask;
        if (type == msg::None) {
            request_.params[i] = {};
        } else if (msg::is_value(type)) {
            request_.params[i] = {type, param.a, param.b, param.c};
        } else if (msg::is_tmem(type) && param.a == 0) {
            request_.params[i] = {type, 0, param.b, 0};
        } else if (msg::is_rmem(type)) {
            const Checked<SharedMemory::GuestReference> name = shared.guest_name(param.c);
            if (!name) {
                return false;
            }
            request_.params[i] = {type, param.a + name->offset, param.b, name->cookie};
        } else {
            return false;
        }
    }
    return true;
}

/// OP-TEE has already dropped the buffer, and the guest may reuse its cookie as soon as it gets this request: so the
/// record is removed, and the pages are unpinned, first.
Next Rpc::free_shared_memory(Call& call) {
    const msg::Param param = shadow_.param(0);
    const Checked<SharedMemory::RpcBuffer> freed =
        request_.num_params == 1 ? call.tables.shared.detach_rpc(param.b) : std::unexpected(Refusal::UnknownCookie);
    if (!freed) {
        return reply(call, TeeResult::BadParameters);
    }
    request_.params[0] = {msg::ValueIn, param.a, freed->guest_cookie, 0};
    buffer_.buffer = freed->buffer;
    buffer_.next = Stage::DeliverRpc;
    if (freed->orphan || !call.peer.is_guest()) { // the driver that knew the cookie is gone
        shadow_.set_result(static_cast<u32>(TeeResult::Success));
        buffer_.next = Stage::Reenter;
    }
    return call.go(Stage::ReleaseRpc);
}

Next Rpc::release(Call& call) {
    return buffer_.release(call);
}

/// The guest's RPC argument; empty if the mediator must request one.
GuestBlock Rpc::guest_block(const Call& call) const {
    return call.request.form == Form::Arg ? memory_.block : call.argument.rpc_block();
}

/// Writes the request to the guest's RPC argument, or first requests memory for one.
Next Rpc::deliver(Call& call) {
    if (guest_block(call).empty()) {
        std::optional<RpcMemory> cached = call.tables.rpc_cache.take();
        if (!cached) {
            call.to_guest = {abi::RpcAlloc, msg::rpc_size, 0};
            call.go(Stage::TakeRpcMemory);
            return Next::ToGuest;
        }
        memory_ = std::move(*cached);
    }
    write_request(guest_block(call));
    if (std::exchange(own_free_, false)) {
        call.go(Stage::Reenter);
    } else {
        call.go(rule_of(request_.command) == RpcRule::Alloc ? Stage::ReadAlloc : Stage::ReadReply);
    }
    call.to_guest = {abi::RpcCommand, abi::high_half(memory_.guest_cookie), abi::low_half(memory_.guest_cookie)};
    return Next::ToGuest;
}

void Rpc::write_request(const GuestBlock& block) const {
    block.store(0, request_.command);
    block.store(8, 0);
    block.store(16, u64{static_cast<u32>(TeeResult::Generic)} << 32);
    block.store(24, u64{request_.num_params} << 32);
    for (u32 i = 0; i < request_.num_params; ++i) {
        const u64 at = msg::param_offset(i);
        const msg::Param& param = request_.params[i];
        block.store(at, param.attr);
        block.store(at + 8, param.a);
        block.store(at + 16, param.b);
        block.store(at + 24, param.c);
    }
}

Next Rpc::deliver_to_nobody(Call& call) {
    if (std::exchange(own_free_, false)) { // OP-TEE got its reply before
        return call.go(Stage::Reenter);
    }
    return reply(call, request_.command == msg::rpc::ShmFree ? TeeResult::Success : TeeResult::Generic);
}

/// A mutex or condition variable of OP-TEE's [notif.h]: up to that value notifications are those of devices.
bool Rpc::is_wait_for_thread() const {
    const msg::Param param = shadow_.param(0);
    return is_notification(msg::rpc::notification_wait) && param.b >= Notifications::values;
}

bool Rpc::wakes_thread(Notifications& notifications) const {
    return is_notification(msg::rpc::notification_send) && notifications.wake(shadow_.param(0).b);
}

bool Rpc::is_notification(u64 kind) const {
    return request_.command == msg::rpc::Notification && request_.num_params == 1 && shadow_.param(0).a == kind;
}

Next Rpc::reply(Call& call, msg::TeeResult result) {
    shadow_.set_result(static_cast<u32>(result));
    return call.go(Stage::Reenter);
}

Next Rpc::reenter(Call& call) {
    call.go(Stage::Returned);
    call.thread.reenter(call.tables, answer_);
    return Next::Continue;
}

} // namespace trv::tee::optee
