// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/peer.hpp"

#include "lib/log.hpp"
#include "tee/optee/call/call.hpp"

namespace trv::tee::optee {
namespace {

using msg::TeeResult;

/// The number of errors to one call before it counts as resisting.
constexpr u32 most_requests = 64;
/// Interrupts delay a call, but do not prevent its end.
constexpr u32 most_interrupts = 4096;
/// The number of attempts before it is given up.
constexpr u32 most_attempts = 8;
/// OP-TEE repeats a wait for another thread, whatever the reply is, until that thread has continued; more than one,
/// because a thread may have to wait for two locks in turn.
constexpr u32 most_waits = 2;

} // namespace

void Peer::leave(const CallRequest& follower, bool pending) {
    gone_ = true;
    follower_ = follower;
    follower_.tries_left -= follower.form == Form::None ? 0 : 1; // the VM's end has its own limit
    requests_ = pending ? 1 : 0;
    waits_ = 0;
    interrupts_ = 0;
}

bool Peer::may_try_again() {
    return ++attempts_ < most_attempts;
}

Next Peer::count_interrupt() {
    return ++interrupts_ < most_interrupts ? Next::Foreign : Next::Resists;
}

Next Peer::reply(Call& call, TeeResult result) {
    (void)call.rpc.reply(call, result);
    return ++requests_ < most_requests ? Next::Continue : Next::Resists;
}

std::optional<Next> Peer::answer(Call& call, RpcRule rule) {
    switch (rule) {
    case RpcRule::Refuse:
        return reply(call, TeeResult::NotSupported);
    case RpcRule::Alloc:
        return reply(call, TeeResult::OutOfMemory);
    case RpcRule::Free:
        return std::nullopt; // the memory is unpinned in either case
    case RpcRule::Pass:
        break;
    }
    // The thread may be one of a guest that lives, which nothing else would wake.
    if (call.rpc.wakes_thread(call.tables.notifications)) {
        return reply(call, TeeResult::Success);
    }
    if (!call.rpc.is_wait_for_thread()) {
        return reply(call, TeeResult::Generic);
    }
    (void)call.rpc.reply(call, TeeResult::Generic);
    return ++waits_ < most_waits ? Next::Continue : Next::Waits;
}

Next Peer::stand_in(Call& call) {
    switch (call.stage()) {
    case Stage::CollectRegister:
    case Stage::SendRegister:
        return call.buffers.abandon(call);
    case Stage::DeliverRpc:
        return call.rpc.deliver_to_nobody(call);
    case Stage::TakeRpcMemory:
    case Stage::ReadReply:
        return call.rpc.reply(call, TeeResult::Generic);
    case Stage::ReadAlloc:
        return call.rpc.reply(call, TeeResult::OutOfMemory);
    case Stage::CollectAlloc:
        return call.rpc.give_up_alloc(call);
    default:
        return call.go(Stage::Complete); // what the guest wanted has not begun
    }
}

void Peer::gets(SharedMemory& shared, u32 buffer) const {
    gone_ ? shared.commit_retired(buffer) : shared.commit(buffer, true);
}

/// Interprets the result of a probe. OP-TEE would have requested an application that is not loaded.
void Peer::notes_end(const Call& call) const {
    if (call.request.form != Form::None || call.message.command != msg::Command::OpenSession) {
        return;
    }
    const bool ran = call.answer.ret == 0 || call.answer.ret_origin == msg::origin_application;
    const bool loaded = !call.answer.from_tee || ran || !got_on();
    call.tables.sessions.probed(call.message.application(), loaded);
    if (!loaded || follower_.form != Form::None) {
        return;
    }
    call.tables.keep(1); // the VM ends
    const std::array<char, 36> text = call.message.application().text();
    log_limited(call.tables.log_limit, "{}: OP-TEE keeps {} loaded although the VM has ended", call.tables.config.name,
                std::string_view(text.data(), text.size()));
}

} // namespace trv::tee::optee
