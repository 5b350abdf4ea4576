// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/shared_memory/releases.hpp"

namespace trv::tee::optee {

Checked<u32> Releases::detach(u64 guest_cookie) {
    const Guard guard(records_.lock);
    const u32 index = TRY(records_.find(guest_cookie));
    records_.by_cookie.remove(guest_cookie);
    records_.buffers[index].state = Buffer::State::Releasing;
    return index;
}

u32 Releases::take_retired() {
    const Guard guard(records_.lock);
    for (u32* link = &records_.retired; *link != none; link = &records_.buffers[*link].next) {
        Buffer& buffer = records_.buffers[*link];
        if (buffer.uses == 0) {
            const u32 index = *link;
            *link = buffer.next;
            records_.retired_buffers.fetch_sub(1, std::memory_order_relaxed);
            buffer.state = Buffer::State::Releasing;
            return index;
        }
    }
    return none;
}

u64 Releases::take_loan(u32 index) {
    const Guard guard(records_.lock);
    Buffer& buffer = records_.buffers[index];
    return std::exchange(buffer.lent, false) ? buffer.tee_cookie : 0;
}

Releases::Forgetting Releases::next_to_forget(u32 index) {
    const Guard guard(records_.lock);
    const Buffer& buffer = records_.buffers[index];
    // A buffer that a call refers to stays registered until the call has ended: then it is a retired buffer. A buffer
    // that OP-TEE refused to unregister is not tried again.
    if (buffer.uses != 0 || buffer.state == Buffer::State::Stuck) {
        return {0, none};
    }
    if (buffer.known) {
        return {buffer.tee_cookie, none};
    }
    for (u32 i = 0; buffer.windows != 0 && i < Records::max_windows; ++i) {
        Window& window = records_.windows[i];
        if (window.state == Window::State::Active && window.buffer == index) {
            window.state = Window::State::Releasing;
            return {window.tee_cookie, i};
        }
    }
    return {0, none};
}

void Releases::forgotten(u32 index, bool success) {
    const Guard guard(records_.lock);
    if (success) {
        records_.buffers[index].known = false;
    } else {
        records_.buffers[index].state = Buffer::State::Stuck;
    }
}

bool Releases::may_release(u32 index) {
    const Guard guard(records_.lock);
    Buffer& buffer = records_.buffers[index];
    if (buffer.state == Buffer::State::Stuck) {
        return false;
    }
    if (buffer.uses == 0 && buffer.windows == 0) {
        return true;
    }
    if (buffer.uses == 0) {
        for (const Window& window : records_.windows) {
            if (window.state == Window::State::Stuck && window.buffer == index) {
                buffer.state = Buffer::State::Stuck;
                return false;
            }
        }
    }
    records_.retire(index);
    return false;
}

void Releases::free_record(u32 index) {
    Buffer& buffer = records_.buffers[index];
    records_.pinned_pages -= buffer.pages;
    if (buffer.kind == BufferKind::Rpc) {
        records_.budget.remove(buffer.placed);
        --records_.rpc_buffers;
    } else {
        --records_.registered;
    }
    buffer = Buffer();
    buffer.next = records_.free;
    records_.free = index;
}

bool Releases::release_step(u32 index, u32& most) {
    const Guard guard(records_.lock);
    PageRuns& runs = records_.buffers[index].runs;
    while (!runs.empty() && most != 0) {
        const PageRuns::Run run = runs.take(records_.chunks, most);
        records_.frames->unpin(run);
        most -= run.count;
    }
    if (!runs.empty()) {
        return false;
    }
    free_record(index);
    return true;
}

void Releases::retire_all() {
    const Guard guard(records_.lock);
    records_.by_cookie.clear();
    for (u32 i = 0; i < records_.buffers.size(); ++i) {
        Buffer& buffer = records_.buffers[i];
        if (buffer.state == Buffer::State::Free) {
            continue;
        }
        buffer.orphan = true;
        if (buffer.state == Buffer::State::Active && buffer.kind == BufferKind::Registered) {
            records_.retire(i);
        }
    }
}

bool Releases::destroy_step(u32 most) {
    for (; destroyed_ < records_.buffers.size(); ++destroyed_) {
        if (records_.buffers[destroyed_].state != Buffer::State::Free && !release_step(destroyed_, most)) {
            return false;
        }
    }
    return true;
}

} // namespace trv::tee::optee
