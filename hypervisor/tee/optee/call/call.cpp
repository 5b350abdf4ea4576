// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/call.hpp"

#include "tee/optee/call/slots.hpp"

namespace trv::tee::optee {

using msg::Command;
using msg::TeeResult;

Call::Call(Tables& its_tables, const Slots& its_siblings, unsigned slot, ArenaSlot arena, const OwnCall& own,
           const CallRequest& follower)
    : Call(its_tables, its_siblings, slot, arena, {.form = Form::None}) {
    message = own.message;
    session.hold(tables.sessions, own.application);
    stage_ = Stage::EnterMain;
    peer.leave(follower, false);
}

Next Call::run(u32 most_steps) {
    for (; most_steps != 0; --most_steps) {
        if (const Next next = advance(); next != Next::Continue) {
            return next;
        }
    }
    return Next::Continue;
}

/// The way of every call, from top to bottom. Where it returns Continue it takes a detour, or leaves one: the stage says
/// where it goes on. Where it returns something else it is away, perhaps for long, and goes on at that stage, perhaps on
/// another CPU. An ordinary invocation passes through in one go.
Next Call::advance() {
    if (needs_guest(stage_) && !peer.is_guest()) {
        return peer.stand_in(*this);
    }
    switch (stage_) {
    case Stage::Locate:
        // Before any call to OP-TEE, in which OP-TEE may have to wait, or to wake another thread: such requests go to
        // the guest behind its argument.
        if (const auto found = locate(); !found) {
            return reject(found.error());
        }
        go(Stage::Housekeep);
        [[fallthrough]];
    case Stage::Housekeep:
        if (buffers.takes_retired(*this)) {
            return go(Stage::Forget);
        }
        go(Stage::Fetch);
        [[fallthrough]];
    case Stage::Fetch:
        if (const auto next = fetch(); !next) {
            return reject(next.error());
        } else if (go(*next); *next != Stage::Windows) {
            return Next::Continue;
        }
        [[fallthrough]];
    case Stage::Windows:
        if (const std::optional<Next> first = buffers.windows(*this)) {
            return *first;
        }
        go(Stage::EnterMain);
        [[fallthrough]];
    case Stage::EnterMain:
        write_message();
        send(Work::Main, message.num_params);
        [[fallthrough]];
    case Stage::Returned:
        if (const std::optional<Next> first = returned()) {
            return *first;
        }
        go(Stage::Complete);
        [[fallthrough]];
    case Stage::Complete:
        settle();
        go(Stage::Finish);
        if (const std::optional<Next> last = conclude()) {
            return *last;
        }
        [[fallthrough]];
    case Stage::Finish:
        return Next::Ended;
    default:
        return detour();
    }
}

Next Call::detour() {
    switch (stage_) {
    case Stage::CollectRegister:
        return buffers.collect(*this);
    case Stage::SendRegister:
        return buffers.send_buffer(*this);
    case Stage::EvictAll:
        return buffers.evict_all(*this);
    case Stage::Forget:
        return buffers.forget(*this);
    case Stage::Release:
        return buffers.release(*this);
    case Stage::DeliverRpc:
        return rpc.deliver(*this);
    case Stage::TakeRpcMemory:
        return rpc.take_memory(*this);
    case Stage::ReadReply:
        return rpc.read_reply(*this);
    case Stage::ReadAlloc:
        return rpc.read_alloc(*this);
    case Stage::CollectAlloc:
        return rpc.collect_alloc(*this);
    case Stage::ReleaseRpc:
        return rpc.release(*this);
    case Stage::Reenter:
        return rpc.reenter(*this);
    default:
        return Next::Ended; // no detour
    }
}

std::expected<void, Rejection> Call::locate() {
    return argument.locate(request, tables.memory, tables.shared, uses, tables.notifies);
}

/// @return the next stage
std::expected<Stage, Rejection> Call::fetch() {
    TRY(argument.read(message));
    if (!request.again) {
        tables.count(kind_of(message.command));
    }
    if (tables.trace) {
        traced = true;
        tables.trace->call_begin(request.vcpu, index, static_cast<u32>(message.command), message.session);
    }
    switch (message.command) {
    case Command::OpenSession:
        TRY(reserve_session());
        return refer();
    case Command::InvokeCommand:
        return refer();
    case Command::RegisterShm:
        return buffers.prepare_register(*this);
    case Command::UnregisterShm:
        return buffers.prepare_unregister(*this);
    case Command::CloseSession:
        if (const std::optional<u32> application = tables.sessions.begin_close(message.session)) {
            session.hold(tables.sessions, *application);
        }
        break;
    default:
        break;
    }
    return Stage::EnterMain;
}

std::expected<void, Rejection> Call::reserve_session() {
    if (tables.denies(message.application(), "a session to")) {
        return by_result(Refusal::Policy);
    }
    const std::optional<u32> application = tables.sessions.reserve(message.application());
    if (!application) {
        return by_result(Refusal::SessionQuota);
    }
    session.hold(tables.sessions, *application);
    if (siblings.in_flight() > 1 && !tables.shared.references.could_load()) {
        return std::unexpected(no_room_or(Refusal::MapBudget));
    }
    return {};
}

/// Looks the message's memory references up in the VM's shared memory.
std::expected<Stage, Rejection> Call::refer() {
    if (const Checked<void> referred = uses.refer(message); !referred) {
        return std::unexpected(no_room_or(referred.error()));
    }
    return Stage::Windows;
}

/// The guest's message as checked, with the mediator's cookies, for OP-TEE to read.
void Call::write_message() {
    const ShadowMessage shadow = thread.message();
    shadow.write_header({static_cast<u32>(message.command), message.func, message.session, message.cancel_id, 0, 0, 0,
                         message.num_params});
    for (u32 i = 0; i < message.num_params; ++i) {
        const CheckedParam& param = message.params[i];
        if (param.kind == ParamKind::Memref) {
            const Memref& memref = uses.reference(i);
            const u64 cookie = memref.window == SharedMemory::none
                                   ? tables.shared.tee_cookie(memref.buffer)
                                   : tables.shared.windows.get(memref.window).tee_cookie;
            shadow.write_param(i, {param.attr, memref.offset, memref.size, cookie});
        } else {
            shadow.write_param(i, {param.attr, param.a, param.b, param.c});
        }
    }
}

Next Call::send(Work work, u32 num_params) {
    go(Stage::Returned);
    thread.send(tables, work, num_params);
    return Next::Continue;
}

/// @return nothing if OP-TEE has executed the guest's message
std::optional<Next> Call::returned() {
    if (thread.code() != abi::RpcForeignInterrupt) {
        rpc.settle(tables.shared);
    }
    if (thread.is_suspended()) {
        return rpc.came(*this);
    }
    rpc.thread_ended();
    if (thread.work() != Work::Main) {
        return buffers.returned(*this);
    }
    answer.take(thread.code(), thread.message());
    if (lacks_memory()) {
        return go(Stage::EvictAll);
    }
    return std::nullopt;
}

/// Whether OP-TEE refused a session for want of memory, and windows that no call uses take some of it. The application
/// was not reached: it can be opened once more. An INVOKE_COMMAND cannot be repeated.
bool Call::lacks_memory() const {
    return message.command == Command::OpenSession && answer.is_from_tee(TeeResult::OutOfMemory) &&
           tables.shared.windows.has_idle();
}

/// Updates the tables according to the result.
void Call::settle() {
    if (session) {
        settle_session();
    }
    if (answer.is_success() && message.command == Command::StopAsyncNotif) {
        tables.notifications.set_enabled(false);
    }
}

void Call::settle_session() {
    // One that failed to open may still be loaded, unless OP-TEE did not find it.
    if (answer.is_from_tee(TeeResult::ItemNotFound)) {
        session.missing();
    } else if (fetched) {
        session.fetched(message.application());
    }
    // Whatever CLOSE_SESSION returns, OP-TEE has no such session afterwards; unless it did not process the call.
    const bool closing = message.command == Command::CloseSession;
    const bool open = closing ? !answer.from_tee : answer.is_success();
    if (!open) {
        session.cancel();
        return;
    }
    session.become(closing ? message.session : thread.message().header().session, peer.is_guest());
}

/// The guest gets the result.
/// @return nothing if it has all that it needs
std::optional<Next> Call::conclude() {
    if (!peer.is_guest()) {
        peer.notes_end(*this);
        return std::nullopt;
    }
    if (answer.code == abi::Ok) {
        argument.write_back(message, answer, thread.message());
    }
    if (traced) {
        tables.trace->call_end(index, answer.code, answer.code == abi::Ok ? answer.ret : 0);
    }
    // The guest gets its memory back first, as OP-TEE does it [thread_optee_smc.c].
    if (const std::optional<ToGuest> memory = rpc.give_memory_back(tables.rpc_cache)) {
        to_guest = *memory;
        return Next::ToGuest;
    }
    return std::nullopt;
}

void Call::refuse(const Rejection& rejection) {
    if (!(answer.waits_for_room && request.again)) {
        tables.count(rejection.why);
    }
    answer.reject(rejection);
}

Next Call::reject(const Rejection& rejection) {
    refuse(rejection);
    return go(Stage::Complete);
}

/// Whether OP-TEE's core could be made to map what the call refers to, if nothing else were mapped.
bool Call::fits_alone() const {
    u32 pages = 0;
    for (u32 i = 0; i < message.num_params; ++i) {
        const CheckedParam& param = message.params[i];
        pages += param.kind == ParamKind::Memref ? tables.shared.references.pages_to_map(param.c, param.a, param.b) : 0;
    }
    return pages <= tables.config.quotas.core_mapped_pages;
}

Rejection Call::no_room_or(Refusal why) {
    if (why != Refusal::MapBudget || siblings.in_flight() < 2 || !fits_alone()) {
        return rejection_of(why);
    }
    answer.waits_for_room = true;
    return rejection_by_code(why, abi::EThreadLimit);
}

bool Call::leaves_room_to_open() const {
    const u32 own = message.command == Command::OpenSession ? 1 : 0;
    return tables.sessions.changing() <= own || siblings.in_flight() < 2 || tables.shared.references.could_load();
}

} // namespace trv::tee::optee
