// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/buffer_work.hpp"

#include "generated/option/virtio.hpp"
#include "tee/optee/call/call.hpp"

namespace trv::tee::optee {
namespace {

using msg::TeeResult;

/// Pages of references that need not look at other calls that open sessions.
constexpr u32 most_beside_opens = 256;

} // namespace

Next BufferWork::send_register(Call& call, Work work, u64 buf_ptr, u64 size, u64 cookie) {
    const ShadowMessage message = call.thread.message();
    message.write_header({static_cast<u32>(msg::Command::RegisterShm), 0, 0, 0, 0, 0, 0, 1});
    message.write_param(0, {msg::TmemOut | msg::Noncontiguous, buf_ptr, size, cookie});
    return call.send(work, 1);
}

Next BufferWork::send_unregister(Call& call, Work work, u64 cookie) {
    const ShadowMessage message = call.thread.message();
    message.write_header({static_cast<u32>(msg::Command::UnregisterShm), 0, 0, 0, 0, 0, 0, 1});
    message.write_param(0, {msg::RmemIn, 0, 0, cookie});
    return call.send(work, 1);
}

Next BufferWork::returned(Call& call) {
    switch (call.thread.work()) {
    case Work::Register:
        return registered(call);
    case Work::Window:
        return window_returned(call);
    case Work::EvictWindow:
        call.tables.shared.windows.unregistered(window_, call.thread.succeeded());
        return call.go(after_evict_);
    case Work::Forget:
        return forgotten(call);
    case Work::Main:
        break;
    }
    return Next::Continue;
}

// REGISTER_SHM

std::expected<Stage, Rejection> BufferWork::prepare_register(const Call& call) {
    const CheckedParam& param = call.message.params[0];
    const Result<BufferExtent> extent =
        BufferExtent::of(call.message.buf_ptr, param.b, call.tables.config.quotas.pinned_pages);
    if (!extent) {
        return by_result(extent.error() == Error::TooMany ? Refusal::PinQuota : Refusal::BadMessage);
    }
    const Checked<u32> buffer = call.tables.shared.begin(BufferKind::Registered, *extent, param.c);
    if (!buffer) {
        return by_result(buffer.error());
    }
    own_.buffer = *buffer;
    own_.walk.start(*extent);
    return Stage::CollectRegister;
}

Next BufferWork::collect(Call& call) {
    SharedMemory& shared = call.tables.shared;
    const Result<bool> done = own_.fill(call);
    if (!done) {
        call.refuse(rejection_by_result(Refusal::BadAddress, TeeResult::BadParameters));
        return abandon(call);
    }
    if (!*done) {
        return Next::Slice;
    }
    if (!shared.is_whole(own_.buffer)) { // windows are registered when they are used
        shared.commit(own_.buffer, false);
        call.answer.fail(TeeResult::Success);
        return call.go(Stage::Complete);
    }
    return call.go(Stage::SendRegister);
}

Next BufferWork::send_buffer(Call& call) {
    if (!list_room_.take(call.uses.begin_list())) {
        call.refuse(call.no_room_or(Refusal::MapBudget));
        return abandon(call);
    }
    const SharedMemory& shared = call.tables.shared;
    return send_register(call, Work::Register, call.thread.list().base().value | shared.offset(own_.buffer),
                         call.message.params[0].b, shared.tee_cookie(own_.buffer));
}

Next BufferWork::registered(Call& call) {
    list_room_.give_back();
    if (!call.thread.succeeded()) {
        if (const std::optional<Next> next = evict_one(call, Stage::SendRegister)) {
            return *next;
        }
        call.answer.take(call.thread.code(), call.thread.message());
        // OP-TEE has only one error for registrations [entry_std.c]. The message is well-formed and lists RAM, so
        // OP-TEE lacks memory for the list.
        if (call.answer.ret == static_cast<u32>(TeeResult::BadParameters)) {
            call.answer.ret = static_cast<u32>(TeeResult::OutOfMemory);
        }
        return abandon(call);
    }
    call.peer.gets(call.tables.shared, std::exchange(own_.buffer, SharedMemory::none));
    call.answer.take(call.thread.code(), call.thread.message());
    return call.go(Stage::Complete);
}

Next BufferWork::abandon(Call& call) {
    own_.walk.reset();
    call.tables.shared.abandon(own_.buffer);
    own_.next = Stage::Complete;
    return call.go(Stage::Release);
}

// Windows

std::optional<Next> BufferWork::windows(Call& call) {
    for (; at_param_ < msg::most_params; ++at_param_) {
        if (!call.uses.refers(at_param_)) {
            continue;
        }
        Memref& memref = call.uses.reference(at_param_);
        if (!call.tables.shared.windows.lacks(memref)) {
            continue;
        }
        if (const std::optional<Next> next = register_window(call, memref)) {
            return next;
        }
    }
    if (call.uses.pages() > most_beside_opens && !call.leaves_room_to_open()) {
        return call.reject(call.no_room_or(Refusal::MapBudget));
    }
    return std::nullopt;
}

std::optional<Next> BufferWork::register_window(Call& call, Memref& memref) {
    SharedMemory& shared = call.tables.shared;
    const Checked<Windows::Task> task = shared.windows.want(memref);
    if (!task) {
        return call.reject(call.no_room_or(task.error()));
    }
    switch (task->step) {
    case Windows::Step::Ready:
        break;
    case Windows::Step::Evict:
        return evict(call, task->window, Stage::Windows);
    case Windows::Step::Register:
        if (!list_room_.take(call.uses.begin_list())) {
            shared.windows.refused(memref);
            return call.reject(call.no_room_or(Refusal::MapBudget));
        }
        window_ = task->window;
        shared.windows.write_list(window_, call.thread.list());
        call.tables.count(CallKind::Own);
        return send_register(call, Work::Window, call.thread.list().base().value,
                             u64{shared.windows.get(window_).pages} * page_size,
                             shared.windows.get(window_).tee_cookie);
    }
    return std::nullopt;
}

Next BufferWork::window_returned(Call& call) {
    list_room_.give_back();
    if (call.thread.succeeded()) {
        call.tables.shared.windows.registered(window_);
        return call.go(Stage::Windows);
    }
    call.tables.shared.windows.refused(call.uses.reference(at_param_));
    if (const std::optional<Next> next = evict_one(call, Stage::Windows)) {
        return *next;
    }
    call.answer.fail(TeeResult::OutOfMemory);
    return call.go(Stage::Complete);
}

Next BufferWork::evict(Call& call, u32 window, Stage after) {
    window_ = window;
    after_evict_ = after;
    call.tables.count(CallKind::Own);
    return send_unregister(call, Work::EvictWindow, call.tables.shared.windows.get(window).tee_cookie);
}

/// OP-TEE refused to know of more, for want of memory as far as we can tell: it forgets the window that was not used
/// for the longest time, and is asked again.
/// @return nothing if there is none
std::optional<Next> BufferWork::evict_one(Call& call, Stage after) {
    const u32 window = call.peer.is_guest() ? call.tables.shared.windows.take_idle() : SharedMemory::none;
    if (window == SharedMemory::none) {
        return std::nullopt;
    }
    return evict(call, window, after);
}

Next BufferWork::evict_all(Call& call) {
    if (const std::optional<Next> next = evict_one(call, Stage::EvictAll)) {
        return *next;
    }
    call.answer.from_tee = false;
    return call.go(Stage::EnterMain);
}

// UNREGISTER_SHM, and buffers that outlived their cookie

std::expected<Stage, Rejection> BufferWork::prepare_unregister(const Call& call) {
    const Checked<u32> buffer = call.tables.shared.releases.detach(call.message.params[0].c);
    if (!buffer) {
        return by_result(buffer.error());
    }
    own_.buffer = *buffer;
    own_.next = Stage::Complete;
    return Stage::Forget;
}

bool BufferWork::takes_retired(const Call& call) {
    SharedMemory& shared = call.tables.shared;
    own_.buffer = shared.releases.has_retired() ? shared.releases.take_retired() : SharedMemory::none;
    if (own_.buffer == SharedMemory::none) {
        return false;
    }
    own_.next = Stage::Housekeep;
    return true;
}

Next BufferWork::forget(Call& call) {
    if constexpr (option::virtio) {
        end_loan(call);
    }
    const Releases::Forgetting forgetting = call.tables.shared.releases.next_to_forget(own_.buffer);
    if (forgetting.tee_cookie != 0) {
        window_ = forgetting.window;
        if (own_.next != Stage::Complete) {
            call.tables.count(CallKind::Own);
        }
        return send_unregister(call, Work::Forget, forgetting.tee_cookie);
    }
    if (call.tables.shared.releases.may_release(own_.buffer)) {
        return call.go(Stage::Release);
    }
    // It is still in use, or OP-TEE keeps it. Looking for the next retired buffer would find this one again.
    own_.buffer = SharedMemory::none;
    return call.go(own_.next == Stage::Housekeep ? Stage::Fetch : own_.next);
}

/// Whatever refers to it still: the guest's kernel is about to use the pages for something else.
void BufferWork::end_loan(const Call& call) const {
    if (call.tables.interposer) { // without one nothing is lent
        if (const u64 loan = call.tables.shared.releases.take_loan(own_.buffer); loan != 0) {
            call.tables.interposer->end_loan(loan);
        }
    }
}

Next BufferWork::forgotten(Call& call) {
    const bool success = call.thread.succeeded();
    if (window_ == SharedMemory::none) {
        call.tables.shared.releases.forgotten(own_.buffer, success);
    } else {
        call.tables.shared.windows.unregistered(window_, success);
    }
    if (own_.next == Stage::Complete && !success) { // the guest's own UNREGISTER_SHM: its answer
        call.answer.take(call.thread.code(), call.thread.message());
    }
    return call.go(Stage::Forget);
}

Result<bool> BufferInWork::fill(Call& call) {
    SharedMemory& shared = call.tables.shared;
    const bool listed = shared.is_whole(buffer);
    const ShadowList list = call.thread.list();
    return walk.step(call.tables.memory, slice_pages, [&](u32 index, std::span<const memory::FrameRun> runs) {
        shared.append(buffer, runs);
        if (listed) {
            list.put(index, runs);
        }
    });
}

Next BufferInWork::release(Call& call) {
    u32 most = slice_pages;
    if (!call.tables.shared.releases.release_step(buffer, most)) {
        return Next::Slice;
    }
    buffer = SharedMemory::none;
    return call.go(next);
}

Next BufferWork::release(Call& call) {
    return own_.release(call);
}

} // namespace trv::tee::optee
