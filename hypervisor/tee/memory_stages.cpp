// SPDX-License-Identifier: Apache-2.0
// Shared memory: registering, windows into large buffers, unregistering, unpinning.

#include "tee/abi.hpp"
#include "tee/tenant.hpp"

namespace trv::tee {
namespace {

using msg::TeeResult;

/// Pages of references that need not look at other calls that open sessions.
constexpr u32 most_beside_opens = 256;

} // namespace

bool Tenant::succeeded(const CallSlot& slot) {
    return static_cast<u32>(slot.result.a[0]) == abi::Ok && slot.shadow().header().ret == 0;
}

Tenant::Next Tenant::send_register(CallSlot& slot, Work work, u64 buf_ptr, u64 size, u64 cookie) {
    if (work != Work::Register) {
        statistics_.calls[static_cast<unsigned>(CallKind::Own)].add();
    }
    slot.shadow().write_header({static_cast<u32>(msg::Command::RegisterShm), 0, 0, 0, 0, 0, 0, 1});
    slot.shadow().write_param(0, {msg::TmemOut | msg::Noncontiguous, buf_ptr, size, cookie});
    return enter_with_message(slot, work, 1);
}

Tenant::Next Tenant::send_unregister(CallSlot& slot, Work work, u64 cookie) {
    if (work != Work::Forget || slot.victim().next != Stage::Complete) {
        statistics_.calls[static_cast<unsigned>(CallKind::Own)].add();
    }
    slot.shadow().write_header({static_cast<u32>(msg::Command::UnregisterShm), 0, 0, 0, 0, 0, 0, 1});
    slot.shadow().write_param(0, {msg::RmemIn, 0, 0, cookie});
    return enter_with_message(slot, work, 1);
}

// REGISTER_SHM

std::expected<void, Rejection> Tenant::prepare_register(CallSlot& slot) {
    const CheckedParam& param = slot.message.params[0];
    const Result<BufferExtent> extent = BufferExtent::of(slot.message.buf_ptr, param.b, config_.quotas.pinned_pages);
    if (!extent) {
        return by_result(extent.error() == Error::TooMany ? Refusal::PinQuota : Refusal::BadMessage);
    }
    const Checked<u32> buffer = shared_.begin(BufferKind::Registered, *extent, param.c);
    if (!buffer) {
        return by_result(buffer.error());
    }
    slot.victim().buffer = *buffer;
    slot.walk.start(*extent);
    slot.stage = Stage::CollectRegister;
    return {};
}

Tenant::Next Tenant::collect_register(CallSlot& slot) {
    const bool whole = shared_.is_whole(slot.victim().buffer);
    const Result<bool> done = slot.walk.step(memory_, slice_pages, [&](u32 index, Pa page) {
        shared_.append(slot.victim().buffer, page);
        if (whole) {
            slot.list().put(index, page);
        }
    });
    if (!done) {
        slot.walk.reset();
        reject(slot, rejection_by_result(Refusal::BadAddress, TeeResult::BadParameters));
        return abandon(slot, Stage::Complete);
    }
    if (!*done) {
        return Next::Slice;
    }
    if (!whole) { // windows are registered when they are used
        shared_.commit(slot.victim().buffer, false);
        return answer(slot, 0);
    }
    slot.stage = Stage::SendRegister;
    return Next::Continue;
}

/// OP-TEE's core maps the list while it reads it, a page at a time [msg_param.c].
bool Tenant::hold_list(CallSlot& slot) {
    slot.list_block = shared_.begin_list(slot.memrefs, slot.memref_bits);
    return slot.list_block != SharedMemory::none;
}

void Tenant::release_list(CallSlot& slot) {
    if (slot.list_block != SharedMemory::none) {
        shared_.end_list(std::exchange(slot.list_block, SharedMemory::none));
    }
}

Tenant::Next Tenant::send_buffer(CallSlot& slot) {
    if (slot.draining) {
        return abandon(slot, Stage::Complete);
    }
    if (!hold_list(slot)) {
        reject(slot, no_room_or(slot, Refusal::MapBudget));
        return abandon(slot, Stage::Complete);
    }
    return send_register(slot, Work::Register, slot.arena.list().value | shared_.offset(slot.victim().buffer),
                         slot.message.params[0].b, shared_.tee_cookie(slot.victim().buffer));
}

Tenant::Next Tenant::register_returned(CallSlot& slot) {
    release_list(slot);
    if (!succeeded(slot)) {
        if (const std::optional<Next> next = evict_one(slot, Stage::SendRegister)) {
            return *next;
        }
        main_returned(slot);
        // OP-TEE has only one error for registrations [entry_std.c]. The message is well-formed and lists RAM, so
        // OP-TEE lacks memory for the list.
        if (slot.ret == static_cast<u32>(TeeResult::BadParameters)) {
            slot.ret = static_cast<u32>(TeeResult::OutOfMemory);
        }
        return abandon(slot, Stage::Complete);
    }
    if (slot.draining) {
        shared_.commit_retired(slot.victim().buffer);
    } else {
        shared_.commit(slot.victim().buffer, true);
    }
    slot.victim().buffer = SharedMemory::none;
    return main_returned(slot);
}

/// Unpins the buffer that was being created.
Tenant::Next Tenant::abandon(CallSlot& slot, Stage after) {
    shared_.abandon(slot.victim().buffer);
    slot.victim().next = after;
    slot.stage = Stage::Release;
    return Next::Continue;
}

// Windows

Tenant::Next Tenant::windows(CallSlot& slot) {
    if (slot.draining) {
        return finish(slot);
    }
    for (; slot.at_param < msg::most_params; ++slot.at_param) {
        Memref& memref = slot.memrefs[slot.at_param];
        if ((slot.memref_bits & 1U << slot.at_param) == 0 || !shared_.needs_window(memref)) {
            continue;
        }
        const Checked<SharedMemory::WindowTask> task = shared_.want_window(memref);
        if (!task) {
            return reject(slot, no_room_or(slot, task.error()));
        }
        const Window& window = shared_.window(task->window);
        slot.window = task->window;
        if (task->step == SharedMemory::WindowStep::Evict) {
            slot.after_evict = Stage::Windows;
            return send_unregister(slot, Work::EvictWindow, window.tee_cookie);
        }
        if (task->step == SharedMemory::WindowStep::Register) {
            if (!hold_list(slot)) {
                shared_.window_refused(memref);
                return reject(slot, no_room_or(slot, Refusal::MapBudget));
            }
            shared_.write_list(task->window, slot.list());
            return send_register(slot, Work::Window, slot.arena.list().value, u64{window.pages} * page_size,
                                 window.tee_cookie);
        }
    }
    if (slot.memref_pages > most_beside_opens && !leaves_room_to_open(slot)) {
        return reject(slot, no_room_or(slot, Refusal::MapBudget));
    }
    slot.stage = Stage::EnterMain;
    return Next::Continue;
}

/// Large references and sessions that are being opened do not go together: OP-TEE might have to load the application,
/// and there would be no room for it. The second of the two calls waits.
bool Tenant::leaves_room_to_open(const CallSlot& slot) const {
    const u32 own = slot.message.command == msg::Command::OpenSession ? 1 : 0;
    return sessions_.changing() <= own || calls_in_flight() < 2 || shared_.could_load();
}

Tenant::Next Tenant::window_returned(CallSlot& slot) {
    slot.stage = Stage::Windows;
    release_list(slot);
    if (succeeded(slot)) {
        shared_.window_registered(slot.window);
        return Next::Continue;
    }
    shared_.window_refused(slot.memrefs[slot.at_param]);
    if (const std::optional<Next> next = evict_one(slot, Stage::Windows)) {
        return *next;
    }
    return answer(slot, static_cast<u32>(TeeResult::OutOfMemory));
}

Tenant::Next Tenant::evict_returned(CallSlot& slot) {
    shared_.window_unregistered(slot.window, succeeded(slot));
    slot.stage = slot.after_evict;
    return Next::Continue;
}

/// OP-TEE refused to know of more, for want of memory as far as we can tell: it forgets the window that was not used
/// for the longest time, and is asked again.
/// @return nothing if there is none
std::optional<Tenant::Next> Tenant::evict_one(CallSlot& slot, Stage after) {
    const u32 window = slot.draining ? SharedMemory::none : shared_.take_idle_window();
    if (window == SharedMemory::none) {
        return std::nullopt;
    }
    slot.window = window;
    slot.after_evict = after;
    return send_unregister(slot, Work::EvictWindow, shared_.window(window).tee_cookie);
}

Tenant::Next Tenant::evict_all(CallSlot& slot) {
    if (slot.draining) {
        return finish(slot);
    }
    if (const std::optional<Next> next = evict_one(slot, Stage::EvictAll)) {
        return *next;
    }
    slot.from_tee = false;
    slot.stage = Stage::EnterMain;
    return Next::Continue;
}

// UNREGISTER_SHM, and buffers that outlived their cookie

std::expected<void, Rejection> Tenant::prepare_unregister(CallSlot& slot) {
    const Checked<u32> buffer = shared_.detach(slot.message.params[0].c);
    if (!buffer) {
        return by_result(buffer.error());
    }
    slot.victim().buffer = *buffer;
    slot.victim().next = Stage::Complete;
    slot.stage = Stage::Forget;
    return {};
}

Tenant::Next Tenant::forget(CallSlot& slot) {
    const SharedMemory::Forgetting forgetting = shared_.next_to_forget(slot.victim().buffer);
    if (forgetting.tee_cookie != 0) {
        slot.window = forgetting.window;
        return send_unregister(slot, Work::Forget, forgetting.tee_cookie);
    }
    if (shared_.may_release(slot.victim().buffer)) {
        slot.stage = Stage::Release;
        return Next::Continue;
    }
    // It is still in use, or OP-TEE keeps it. Looking for the next retired buffer would find this one again.
    slot.victim().buffer = SharedMemory::none;
    slot.stage = slot.victim().next == Stage::Housekeep ? Stage::Fetch : slot.victim().next;
    if (slot.draining) {
        return finish(slot);
    }
    return Next::Continue;
}

Tenant::Next Tenant::forget_returned(CallSlot& slot) {
    const bool success = succeeded(slot);
    if (slot.window == SharedMemory::none) {
        shared_.forgotten(slot.victim().buffer, success);
    } else {
        shared_.window_unregistered(slot.window, success);
    }
    if (slot.victim().next == Stage::Complete && !success) { // the guest's own UNREGISTER_SHM: its answer
        main_returned(slot);
    }
    slot.stage = Stage::Forget;
    return Next::Continue;
}

Tenant::Next Tenant::release(CallSlot& slot) {
    u32 most = slice_pages;
    if (!shared_.release_step(slot.victim().buffer, most)) {
        return Next::Slice;
    }
    slot.victim().buffer = SharedMemory::none;
    slot.stage = slot.victim().next;
    return Next::Continue;
}

} // namespace trv::tee
