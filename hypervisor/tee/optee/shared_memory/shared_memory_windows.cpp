// SPDX-License-Identifier: Apache-2.0
// Windows into buffers that are too large to be registered as a whole. They stay registered after their first use, for
// the next one.

#include "tee/optee/shared_memory/shared_memory.hpp"

namespace trv::tee::optee {

u32 SharedMemory::find_window(const Memref& memref) const {
    for (u32 i = 0; i < max_windows; ++i) {
        const Window& window = windows_[i];
        if (window.state == Window::State::Active && window.buffer == memref.buffer && window.first <= memref.first &&
            memref.first + memref.pages <= window.first + window.pages) {
            return i;
        }
    }
    return none;
}

u32 SharedMemory::free_window() const {
    const auto* const free = std::ranges::find(windows_, Window::State::Free, &Window::state);
    return free != windows_.end() ? static_cast<u32>(free - windows_.begin()) : none;
}

bool SharedMemory::is_crowded(u32 more_pages) const {
    u32 pages = more_pages;
    for (const Window& window : windows_) {
        pages += window.pages;
    }
    return pages > most_window_pages;
}

u32 SharedMemory::idle_window() const {
    u32 best = none;
    for (u32 i = 0; i < max_windows; ++i) {
        const Window& window = windows_[i];
        if (window.state == Window::State::Active && window.uses == 0 &&
            (best == none || window.last_used < windows_[best].last_used)) {
            best = i;
        }
    }
    return best;
}

void SharedMemory::use_window(u32 window) {
    ++windows_[window].uses;
    windows_[window].last_used = ++last_use_;
}

Checked<SharedMemory::WindowTask> SharedMemory::want_window(Memref& memref) {
    const Guard guard(lock_);
    if (const u32 found = find_window(memref); found != none) {
        if (windows_[found].uses == 0) {
            TRY(map(windows_[found].pages));
        }
        use_window(found);
        memref.window = found;
        memref.offset += u64{memref.first - windows_[found].first} * page_size;
        return WindowTask{WindowStep::Ready, found};
    }
    const u32 place = free_window();
    if (place == none || is_crowded(memref.pages)) {
        if (const u32 idle = idle_window(); idle != none) {
            windows_[idle].state = Window::State::Releasing;
            return WindowTask{WindowStep::Evict, idle};
        }
    }
    if (place == none) {
        return std::unexpected(Refusal::MapBudget);
    }
    Window& window = windows_[place];
    TRY(map(memref.pages));
    window = {
        Window::State::Registering, memref.buffer, memref.first, memref.pages, 0, new_cookie(window_bit | place), 0};
    use_window(place);
    ++buffers_[memref.buffer].windows;
    memref.window = place;
    return WindowTask{WindowStep::Register, place};
}

u32 SharedMemory::take_idle_window() {
    const Guard guard(lock_);
    const u32 idle = idle_window();
    if (idle != none) {
        windows_[idle].state = Window::State::Releasing;
    }
    return idle;
}

bool SharedMemory::has_idle_window() const {
    const Guard guard(lock_);
    return idle_window() != none;
}

void SharedMemory::window_registered(u32 window) {
    const Guard guard(lock_);
    windows_[window].state = Window::State::Active;
}

void SharedMemory::window_refused(Memref& memref) {
    const Guard guard(lock_);
    Window& window = windows_[memref.window];
    budget_.unfloat_block(window.pages);
    --buffers_[memref.buffer].windows;
    window = Window();
    memref.window = none;
}

void SharedMemory::window_unregistered(u32 place, bool success) {
    const Guard guard(lock_);
    Window& window = windows_[place];
    if (!success) { // its buffer keeps a window, and with it its pins
        window.state = Window::State::Stuck;
        return;
    }
    --buffers_[window.buffer].windows;
    window = Window();
}

void SharedMemory::write_list(u32 place, const ShadowList& list) const {
    const Window& window = windows_[place];
    u32 index = 0;
    buffers_[window.buffer].runs.for_each_page(chunks_, window.first, window.pages,
                                               [&](Pa page) { list.put(index++, page); });
}

} // namespace trv::tee::optee
