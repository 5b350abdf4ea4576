// SPDX-License-Identifier: Apache-2.0
// The end of a yielding call: updates the tables from OP-TEE's result, writes results to the guest, releases resources.

#include "tee/abi.hpp"
#include "tee/tenant.hpp"

namespace trv::tee {

/// Updates the tables according to the result.
void Tenant::account(CallSlot& slot) {
    const bool success = slot.from_tee && slot.ret == 0;
    if (std::exchange(slot.session_reserved, false)) {
        settle_session(slot, success);
    }
    if (success && slot.message.command == msg::Command::StopAsyncNotif) {
        notifications_.set_enabled(false);
    }
}

/// Whether there may be an application behind the answer to OPEN_SESSION: one that failed may still be loaded.
bool Tenant::may_be_loaded(const CallSlot& slot) {
    const bool absent = slot.from_tee && slot.ret == static_cast<u32>(msg::TeeResult::ItemNotFound) &&
                        slot.ret_origin == msg::origin_tee;
    return slot.fetched && !absent;
}

void Tenant::settle_session(const CallSlot& slot, bool success) {
    const bool closing = slot.message.command == msg::Command::CloseSession;
    if (may_be_loaded(slot)) {
        applications_.add(slot.message.application());
    }
    // Whatever CLOSE_SESSION returns, OP-TEE has no such session afterwards; unless it did not process the call.
    const bool open = closing ? !slot.from_tee : success;
    if (!open) {
        sessions_.cancel();
        return;
    }
    const u32 session = closing ? slot.message.session : slot.shadow().header().session;
    slot.draining ? sessions_.opened_while_draining(session) : sessions_.opened(session);
}

/// Writes only output fields; the result comes last, so that a guest that polls it sees the others.
void Tenant::write_back(CallSlot& slot) {
    const GuestBlock& guest = slot.argument;
    const bool open = slot.message.command == msg::Command::OpenSession;
    for (u32 i = 0; slot.from_tee && i < slot.message.num_params; ++i) {
        const CheckedParam& param = slot.message.params[i];
        if (!msg::is_out(param.attr & msg::TypeMask)) {
            continue;
        }
        const msg::Param out = slot.shadow().param(i);
        const u64 at = msg::param_offset(i);
        if (param.kind == ParamKind::Value) {
            guest.store(at + offsetof(msg::Param, a), out.a);
        }
        guest.store(at + offsetof(msg::Param, b), out.b);
    }
    if (open) {
        guest.store32(offsetof(msg::Header, session), slot.from_tee ? slot.shadow().header().session : 0);
    }
    guest.store32(offsetof(msg::Header, ret_origin), slot.ret_origin);
    guest.publish32(offsetof(msg::Header, ret), slot.ret);
}

Tenant::Next Tenant::complete(CallSlot& slot) {
    account(slot);
    if (slot.draining) {
        if (slot.request.form == Form::None && slot.message.command == msg::Command::OpenSession) {
            note_kept(slot);
        }
        return finish(slot);
    }
    if (slot.code == abi::Ok) {
        write_back(slot);
    }
    if (slot.traced) {
        trace_->call_end(slot.index, slot.code, slot.code == abi::Ok ? slot.ret : 0);
    }
    slot.stage = Stage::Finish;
    if (slot.rpc_memory.block.empty() || rpc_cache_.put(slot.rpc_memory)) {
        return Next::Continue;
    }
    // The guest gets its memory back first, as OP-TEE does it [thread_optee_smc.c].
    const u64 cookie = slot.rpc_memory.guest_cookie;
    slot.rpc_memory = RpcMemory();
    to_guest_[slot.index] = {abi::RpcFree, abi::high_half(cookie), abi::low_half(cookie)};
    return Next::ToGuest;
}

Tenant::Next Tenant::finish(CallSlot& slot) {
    drop_all(slot);
    return slot.draining ? Next::Drained : Next::Finished;
}

/// Releases the call's resources.
void Tenant::drop_all(CallSlot& slot) {
    if (slot.memref_bits != 0 || slot.argument_buffer != SharedMemory::none) {
        shared_.drop(slot.memrefs, slot.memref_bits, slot.argument_buffer);
        slot.memref_bits = 0;
        slot.argument_buffer = SharedMemory::none;
    }
    if (std::exchange(slot.session_reserved, false)) {
        sessions_.cancel();
    }
    release_list(slot);
    slot.argument_pin.reset();
    slot.argument = GuestBlock();
    slot.walk.reset();
    slot.rpc_memory = RpcMemory();
}

} // namespace trv::tee
