// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/shared_memory/windows.hpp"

#include <algorithm>

namespace trv::tee::optee {

u32 Windows::find(const Memref& memref) const {
    for (u32 i = 0; i < Records::max_windows; ++i) {
        const Window& window = records_.windows[i];
        if (window.state == Window::State::Active && window.buffer == memref.buffer && window.first <= memref.first &&
            memref.first + memref.pages <= window.first + window.pages) {
            return i;
        }
    }
    return none;
}

u32 Windows::find_free() const {
    const auto* const free = std::ranges::find(records_.windows, Window::State::Free, &Window::state);
    return free != records_.windows.end() ? static_cast<u32>(free - records_.windows.begin()) : none;
}

bool Windows::is_crowded(u32 more_pages) const {
    u32 pages = more_pages;
    for (const Window& window : records_.windows) {
        pages += window.pages;
    }
    return pages > most_pages;
}

u32 Windows::find_idle() const {
    u32 best = none;
    for (u32 i = 0; i < Records::max_windows; ++i) {
        const Window& window = records_.windows[i];
        if (window.state == Window::State::Active && window.uses == 0 &&
            (best == none || window.last_used < records_.windows[best].last_used)) {
            best = i;
        }
    }
    return best;
}

void Windows::use(u32 window) {
    ++records_.windows[window].uses;
    records_.windows[window].last_used = ++last_use_;
}

Checked<Windows::Task> Windows::want(Memref& memref) {
    const Guard guard(records_.lock);
    if (const u32 found = find(memref); found != none) {
        if (records_.windows[found].uses == 0) {
            TRY(records_.map(records_.windows[found].pages));
        }
        use(found);
        memref.window = found;
        memref.offset += u64{memref.first - records_.windows[found].first} * page_size;
        return Task{Step::Ready, found};
    }
    const u32 place = find_free();
    if (place == none || is_crowded(memref.pages)) {
        if (const u32 idle = find_idle(); idle != none) {
            records_.windows[idle].state = Window::State::Releasing;
            return Task{Step::Evict, idle};
        }
    }
    if (place == none) {
        return std::unexpected(Refusal::MapBudget);
    }
    Window& window = records_.windows[place];
    TRY(records_.map(memref.pages));
    window = {Window::State::Registering,
              memref.buffer,
              memref.first,
              memref.pages,
              0,
              records_.new_cookie(Records::window_bit | place),
              0};
    use(place);
    ++records_.buffers[memref.buffer].windows;
    memref.window = place;
    return Task{Step::Register, place};
}

u32 Windows::take_idle() {
    const Guard guard(records_.lock);
    const u32 idle = find_idle();
    if (idle != none) {
        records_.windows[idle].state = Window::State::Releasing;
    }
    return idle;
}

bool Windows::has_idle() const {
    const Guard guard(records_.lock);
    return find_idle() != none;
}

void Windows::registered(u32 window) {
    const Guard guard(records_.lock);
    records_.windows[window].state = Window::State::Active;
}

void Windows::refused(Memref& memref) {
    const Guard guard(records_.lock);
    Window& window = records_.windows[memref.window];
    records_.budget.unfloat_block(window.pages);
    --records_.buffers[memref.buffer].windows;
    window = Window();
    memref.window = none;
}

void Windows::unregistered(u32 place, bool success) {
    const Guard guard(records_.lock);
    Window& window = records_.windows[place];
    if (!success) { // its buffer keeps a window, and with it its pins
        window.state = Window::State::Stuck;
        return;
    }
    --records_.buffers[window.buffer].windows;
    window = Window();
}

void Windows::write_list(u32 place, const ShadowList& list) const {
    const Window& window = records_.windows[place];
    u32 index = 0;
    const auto put = [&](memory::FrameRun run) {
        list.put(index, std::span(&run, 1));
        index += run.count;
    };
    records_.buffers[window.buffer].runs.for_each_run(records_.chunks, window.first, window.pages, put);
}

} // namespace trv::tee::optee
