// SPDX-License-Identifier: Apache-2.0
// The beginning of a yielding call, and its continuation when OP-TEE returns.

#include "lib/checked.hpp"
#include "tee/abi.hpp"
#include "tee/tenant.hpp"

namespace trv::tee {
namespace {

using msg::Command;
using msg::TeeResult;

std::unexpected<Rejection> bad_address() {
    return std::unexpected(rejection_by_code(Refusal::BadAddress, abi::EBadAddr));
}

} // namespace

std::unexpected<Rejection> Tenant::by_result(Refusal why) {
    switch (why) {
    case Refusal::PinQuota:
    case Refusal::BufferQuota:
    case Refusal::MapBudget:
    case Refusal::LargeReply:
    case Refusal::SessionQuota:
        return std::unexpected(rejection_by_result(why, TeeResult::OutOfMemory));
    case Refusal::Policy:
        return std::unexpected(rejection_by_result(why, TeeResult::AccessDenied));
    default:
        return std::unexpected(rejection_by_result(why, TeeResult::BadParameters));
    }
}

/// Runs before any call to OP-TEE, in which OP-TEE may have to wait, or to wake another thread: such requests go to the
/// guest behind its argument.
Tenant::Next Tenant::locate(CallSlot& slot) {
    std::expected<void, Rejection> located = locate_argument(slot);
    if (located) {
        located = read_header(slot);
    }
    if (!located) {
        return reject(slot, located.error());
    }
    slot.stage = Stage::Housekeep;
    return Next::Continue;
}

Tenant::Next Tenant::housekeep(CallSlot& slot) {
    if (slot.draining) {
        return finish(slot);
    }
    slot.victim().buffer = shared_.has_retired() ? shared_.take_retired() : SharedMemory::none;
    if (slot.victim().buffer != SharedMemory::none) {
        slot.victim().next = Stage::Housekeep;
        slot.stage = Stage::Forget;
        return Next::Continue;
    }
    slot.stage = Stage::Fetch;
    return Next::Continue;
}

Tenant::Next Tenant::fetch(CallSlot& slot) {
    const std::expected<void, Rejection> prepared = read_params(slot);
    return prepared ? Next::Continue : reject(slot, prepared.error());
}

std::expected<void, Rejection> Tenant::read_params(CallSlot& slot) {
    TRY(fetch_message(slot.argument, slot.header, slot.message));
    return prepare(slot);
}

/// Pins the argument's page, or takes a use of its buffer.
std::expected<void, Rejection> Tenant::locate_argument(CallSlot& slot) {
    const CallRequest& request = slot.request;
    if (request.form != Form::RegdArg) {
        Result<memory::Pin> pin = pin_page(memory_, Ipa(request.place));
        if (!pin) {
            return bad_address();
        }
        slot.argument = GuestBlock(pin->run().first, Pa(), page_size);
        slot.argument_pin = std::move(*pin);
        return {};
    }
    const Checked<u32> buffer = shared_.use(request.place);
    if (!buffer) {
        return std::unexpected(rejection_by_code(buffer.error(), abi::EBadAddr));
    }
    slot.argument_buffer = *buffer;
    const u64 bytes = shared_.bytes(*buffer);
    const u64 begin = u64{shared_.offset(*buffer)} + request.offset;
    if (!is_aligned(begin, 8) || request.offset > bytes || bytes - request.offset < sizeof(msg::Header)) {
        return bad_address();
    }
    const u64 most = msg::size_of(msg::most_params) + msg::rpc_size;
    const u64 size = std::min(bytes - request.offset, most);
    const u32 page = static_cast<u32>(begin / page_size);
    const bool crosses = begin % page_size + size > page_size;
    slot.argument = GuestBlock(shared_.page(*buffer, page) + begin % page_size,
                               crosses ? shared_.page(*buffer, page + 1) : Pa(), size);
    return {};
}

/// Checks that the size in the header is within the page or buffer.
std::expected<void, Rejection> Tenant::read_header(CallSlot& slot) {
    const msg::Header header = fetch_header(slot.argument);
    if (header.num_params > msg::most_params_anywhere) {
        return bad_address();
    }
    const CallRequest& request = slot.request;
    const u64 room = request.form == Form::RegdArg ? shared_.bytes(slot.argument_buffer) - request.offset : page_size;
    const u64 needed = msg::size_of(header.num_params) + (request.form == Form::Arg ? 0 : msg::rpc_size);
    if (needed > room) {
        return bad_address();
    }
    TRY(check_header(header, offers_notifications()));
    slot.header = header;
    return {};
}

std::expected<void, Rejection> Tenant::prepare(CallSlot& slot) {
    statistics_.calls[static_cast<unsigned>(kind_of(slot.message.command))].add();
    if (trace_ != nullptr) {
        slot.traced = true;
        trace_->call_begin(slot.request.vcpu, slot.index, static_cast<u32>(slot.message.command), slot.message.session);
    }
    switch (slot.message.command) {
    case Command::OpenSession:
        return prepare_open(slot);
    case Command::InvokeCommand:
        return take_memrefs(slot);
    case Command::RegisterShm:
        return prepare_register(slot);
    case Command::UnregisterShm:
        return prepare_unregister(slot);
    case Command::CloseSession:
        slot.session_reserved = sessions_.begin_close(slot.message.session);
        break;
    default:
        break;
    }
    slot.stage = Stage::EnterMain;
    return {};
}

bool Tenant::denies(const Uuid& application, std::string_view what) {
    if (judge(config_.policy, application) == Verdict::Allow) {
        return false;
    }
    const std::array<char, 36> text = application.text();
    log_limited(log_limit_, "{}: denied {} {}", config_.name, what, std::string_view(text.data(), text.size()));
    return true;
}

std::expected<void, Rejection> Tenant::prepare_open(CallSlot& slot) {
    const Uuid application = slot.message.application();
    if (denies(application, "a session to")) {
        return by_result(Refusal::Policy);
    }
    if (!sessions_.reserve()) {
        return by_result(Refusal::SessionQuota);
    }
    slot.session_reserved = true;
    if (calls_in_flight() > 1 && !shared_.could_load()) {
        return std::unexpected(no_room_or(slot, Refusal::MapBudget));
    }
    return take_memrefs(slot);
}

std::expected<void, Rejection> Tenant::take_memrefs(CallSlot& slot) {
    slot.memref_pages = 0;
    for (u32 i = 0; i < slot.message.num_params; ++i) {
        const CheckedParam& param = slot.message.params[i];
        if (param.kind != ParamKind::Memref) {
            continue;
        }
        const Checked<Memref> memref = shared_.use(param.c, param.a, param.b, slot.memref_bits == 0);
        if (!memref) {
            return std::unexpected(no_room_or(slot, memref.error()));
        }
        slot.memrefs[i] = *memref;
        slot.memref_bits |= 1U << i;
        slot.memref_pages += memref->pages;
    }
    slot.at_param = 0;
    slot.stage = Stage::Windows;
    return {};
}

/// Whether OP-TEE's core could be made to map what the call refers to, if nothing else were mapped.
bool Tenant::fits_alone(const CallSlot& slot) const {
    u32 pages = 0;
    for (u32 i = 0; i < slot.message.num_params; ++i) {
        const CheckedParam& param = slot.message.params[i];
        pages += param.kind == ParamKind::Memref ? shared_.pages_to_map(param.c, param.a, param.b) : 0;
    }
    return pages <= config_.quotas.core_mapped_pages;
}

/// Refuses the call. If other calls leave no room, the guest retries: a driver whose call returns "busy" sleeps
/// until another one of its calls has ended [Linux drivers/tee/optee/call.c].
Rejection Tenant::no_room_or(CallSlot& slot, Refusal why) const {
    if (why != Refusal::MapBudget || calls_in_flight() < 2 || !fits_alone(slot)) {
        return by_result(why).error();
    }
    slot.waits_for_room = true;
    return rejection_by_code(why, abi::EThreadLimit);
}

Tenant::Next Tenant::reject(CallSlot& slot, const Rejection& rejection) {
    count(rejection.why);
    slot.code = rejection.code;
    slot.ret = static_cast<u32>(rejection.result);
    slot.ret_origin = msg::origin_tee;
    slot.stage = Stage::Complete;
    return Next::Continue;
}

Tenant::Next Tenant::answer(CallSlot& slot, u32 ret) {
    slot.code = abi::Ok;
    slot.ret = ret;
    slot.ret_origin = msg::origin_tee;
    slot.stage = Stage::Complete;
    return Next::Continue;
}

Tenant::Next Tenant::enter_with_message(CallSlot& slot, Work work, u32 num_params) {
    slot.work = work;
    slot.sent_params = num_params;
    const u64 pa = slot.arena.message().value;
    slot.entry = {{abi::CallWithRpcArg, abi::high_half(pa), abi::low_half(pa)}};
    return Next::Enter;
}

Tenant::Next Tenant::enter_main(CallSlot& slot) {
    const CheckedMessage& message = slot.message;
    const ShadowMessage shadow = slot.shadow();
    shadow.write_header({static_cast<u32>(message.command), message.func, message.session, message.cancel_id, 0, 0, 0,
                         message.num_params});
    for (u32 i = 0; i < message.num_params; ++i) {
        const CheckedParam& param = message.params[i];
        if (param.kind == ParamKind::Memref) {
            const Memref& memref = slot.memrefs[i];
            const u64 cookie = memref.window == SharedMemory::none ? shared_.tee_cookie(memref.buffer)
                                                                   : shared_.window(memref.window).tee_cookie;
            shadow.write_param(i, {param.attr, memref.offset, memref.size, cookie});
        } else {
            shadow.write_param(i, {param.attr, param.a, param.b, param.c});
        }
    }
    return enter_with_message(slot, Work::Main, message.num_params);
}

Tenant::Next Tenant::returned(CallSlot& slot) {
    const u32 a0 = static_cast<u32>(slot.result.a[0]);
    if (slot.unsettled != SharedMemory::none && a0 != abi::RpcForeignInterrupt) {
        shared_.settle(std::exchange(slot.unsettled, SharedMemory::none)); // the first thing that OP-TEE does with it
    }
    if (abi::is_rpc(a0)) {
        slot.suspended = true;
        slot.thread = static_cast<u32>(slot.result.a[3]);
        return rpc_came(slot);
    }
    slot.suspended = false;
    slot.alloc_used = false;
    switch (slot.work) {
    case Work::Register:
        return register_returned(slot);
    case Work::Window:
        return window_returned(slot);
    case Work::EvictWindow:
        return evict_returned(slot);
    case Work::Forget:
        return forget_returned(slot);
    case Work::Main:
        break;
    }
    return main_returned(slot);
}

Tenant::Next Tenant::main_returned(CallSlot& slot) {
    slot.code = static_cast<u32>(slot.result.a[0]);
    if (slot.code == abi::Ok) {
        const msg::Header header = slot.shadow().header();
        slot.ret = header.ret;
        slot.ret_origin = header.ret_origin;
        slot.from_tee = true;
        if (lacks_memory(slot)) {
            slot.stage = Stage::EvictAll;
            return Next::Continue;
        }
    }
    slot.stage = Stage::Complete;
    return Next::Continue;
}

/// Whether OP-TEE refused a session for want of memory, and windows that no call uses take some of it. The application
/// was not reached: it can be opened once more. An INVOKE_COMMAND cannot be repeated.
bool Tenant::lacks_memory(const CallSlot& slot) {
    return slot.message.command == Command::OpenSession && slot.work == Work::Main &&
           slot.ret == static_cast<u32>(TeeResult::OutOfMemory) && slot.ret_origin == msg::origin_tee &&
           !slot.draining && shared_.has_idle_window();
}

} // namespace trv::tee
