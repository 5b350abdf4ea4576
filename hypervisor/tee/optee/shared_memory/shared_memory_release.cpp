// SPDX-License-Identifier: Apache-2.0
// The end of buffers: OP-TEE unregisters them, then their pages are unpinned in slices.

#include "tee/optee/shared_memory/shared_memory.hpp"

namespace trv::tee::optee {

u32 SharedMemory::take_retired() {
    const Guard guard(lock_);
    for (u32* link = &retired_; *link != none; link = &buffers_[*link].next) {
        Buffer& buffer = buffers_[*link];
        if (buffer.uses == 0) {
            const u32 index = *link;
            *link = buffer.next;
            retired_buffers_.fetch_sub(1, std::memory_order_relaxed);
            buffer.state = Buffer::State::Releasing;
            return index;
        }
    }
    return none;
}

SharedMemory::Forgetting SharedMemory::next_to_forget(u32 index) {
    const Guard guard(lock_);
    const Buffer& buffer = buffers_[index];
    // A buffer that a call refers to stays registered until the call has ended: then it is a retired buffer. A buffer
    // that OP-TEE refused to unregister is not tried again.
    if (buffer.uses != 0 || buffer.state == Buffer::State::Stuck) {
        return {0, none};
    }
    if (buffer.known) {
        return {buffer.tee_cookie, none};
    }
    for (u32 i = 0; buffer.windows != 0 && i < max_windows; ++i) {
        Window& window = windows_[i];
        if (window.state == Window::State::Active && window.buffer == index) {
            window.state = Window::State::Releasing;
            return {window.tee_cookie, i};
        }
    }
    return {0, none};
}

void SharedMemory::forgotten(u32 index, bool success) {
    const Guard guard(lock_);
    if (success) {
        buffers_[index].known = false;
    } else {
        buffers_[index].state = Buffer::State::Stuck;
    }
}

bool SharedMemory::may_release(u32 index) {
    const Guard guard(lock_);
    Buffer& buffer = buffers_[index];
    if (buffer.state == Buffer::State::Stuck) {
        return false;
    }
    if (buffer.uses == 0 && buffer.windows == 0) {
        return true;
    }
    if (buffer.uses == 0) {
        for (const Window& window : windows_) {
            if (window.state == Window::State::Stuck && window.buffer == index) {
                buffer.state = Buffer::State::Stuck;
                return false;
            }
        }
    }
    retire(index);
    return false;
}

void SharedMemory::free_record(u32 index) {
    Buffer& buffer = buffers_[index];
    pinned_pages_ -= buffer.pages;
    if (buffer.kind == BufferKind::Rpc) {
        budget_.remove(buffer.placed);
        --rpc_buffers_;
    } else {
        --registered_;
    }
    buffer = Buffer();
    buffer.next = free_;
    free_ = index;
}

bool SharedMemory::release_step(u32 index, u32& most) {
    const Guard guard(lock_);
    PageRuns& runs = buffers_[index].runs;
    while (!runs.empty() && most != 0) {
        const PageRuns::Run run = runs.take(chunks_, most);
        frames_->unpin({run.first, run.pages});
        most -= run.pages;
    }
    if (!runs.empty()) {
        return false;
    }
    free_record(index);
    return true;
}

void SharedMemory::retire_all() {
    const Guard guard(lock_);
    by_cookie_.clear();
    for (u32 i = 0; i < buffers_.size(); ++i) {
        Buffer& buffer = buffers_[i];
        if (buffer.state == Buffer::State::Free) {
            continue;
        }
        buffer.orphan = true;
        if (buffer.state == Buffer::State::Active && buffer.kind == BufferKind::Registered) {
            retire(i);
        }
    }
}

bool SharedMemory::destroy_step(u32 most) {
    for (; destroyed_ < buffers_.size(); ++destroyed_) {
        if (buffers_[destroyed_].state != Buffer::State::Free && !release_step(destroyed_, most)) {
            return false;
        }
    }
    return true;
}

} // namespace trv::tee::optee
