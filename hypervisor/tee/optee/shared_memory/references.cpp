// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/shared_memory/references.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

std::unexpected<Refusal> refuse(Refusal refusal) {
    return std::unexpected(refusal);
}

} // namespace

Checked<u32> References::use(u64 guest_cookie) {
    const Guard guard(records_.lock);
    const u32 index = TRY(records_.find(guest_cookie));
    ++records_.buffers[index].uses;
    return index;
}

Checked<Memref> References::use(u64 guest_cookie, u64 offset, u64 size, bool joins) {
    const Guard guard(records_.lock);
    if (joins && !records_.budget.join()) {
        return refuse(Refusal::MapBudget);
    }
    Checked<Memref> memref = refer(guest_cookie, offset, size);
    if (joins && !memref) {
        records_.budget.leave();
    }
    return memref;
}

void References::drop(std::span<const Memref> memrefs, u32 bits, u32 argument) {
    const Guard guard(records_.lock);
    for (u32 i = 0; i < memrefs.size(); ++i) {
        if ((bits & 1U << i) != 0) {
            drop(memrefs[i]);
        }
    }
    if (bits != 0) {
        records_.budget.leave();
    }
    if (argument != none) {
        --records_.buffers[argument].uses;
    }
}

void References::drop(const Memref& memref) {
    Buffer& buffer = records_.buffers[memref.buffer];
    --buffer.uses;
    if (records_.is_whole(memref.buffer)) {
        if (--buffer.mapped_uses == 0) {
            records_.budget.unfloat_block(buffer.pages);
        }
    } else if (memref.window != none) {
        Window& window = records_.windows[memref.window];
        if (--window.uses == 0) {
            records_.budget.unfloat_block(window.pages);
        }
    }
}

Checked<Memref> References::refer(u64 guest_cookie, u64 offset, u64 size) {
    const u32 index = TRY(records_.find(guest_cookie));
    Buffer& buffer = records_.buffers[index];
    if (offset > buffer.bytes() || size > buffer.bytes() - offset) {
        return refuse(Refusal::BadMessage);
    }
    Memref memref = locate(index, offset, size);
    if (records_.is_whole(index)) {
        if (buffer.mapped_uses == 0) {
            TRY(records_.map(buffer.pages));
        }
        ++buffer.mapped_uses;
    }
    ++buffer.uses;
    return memref;
}

/// The part of a buffer that a reference needs. Precondition: it lies within.
Memref References::locate(u32 index, u64 offset, u64 size) const {
    const Buffer& buffer = records_.buffers[index];
    Memref memref{index, none, 0, buffer.pages, offset, size};
    if (!records_.is_whole(index)) {
        // Neither sum wraps: both are within the buffer. An empty reference at the end has a page as well.
        const u64 begin = buffer.offset + offset;
        const u64 last = size != 0 ? begin + size - 1 : begin;
        memref.first = std::min(static_cast<u32>(begin / page_size), buffer.pages - 1);
        memref.pages = std::min(static_cast<u32>(last / page_size), buffer.pages - 1) - memref.first + 1;
        memref.offset = begin - u64{memref.first} * page_size;
    }
    return memref;
}

u32 References::pages_to_map(u64 guest_cookie, u64 offset, u64 size) const {
    const Guard guard(records_.lock);
    const Checked<u32> index = records_.find(guest_cookie);
    const bool within =
        index && offset <= records_.buffers[*index].bytes() && size <= records_.buffers[*index].bytes() - offset;
    return within ? locate(*index, offset, size).pages : 0;
}

void References::settle(u32 buffer) {
    const Guard guard(records_.lock);
    records_.budget.settle(records_.buffers[buffer].placed);
}

/// What only this call refers to: OP-TEE has not received the call yet.
IdleBlocks References::idle_blocks(std::span<const Memref> memrefs, u32 bits) const {
    IdleBlocks idle;
    for (u32 i = 0; i < memrefs.size(); ++i) {
        const Memref& memref = memrefs[i];
        const bool whole = (bits & 1U << i) != 0 && records_.is_whole(memref.buffer);
        if ((bits & 1U << i) == 0 || (!whole && memref.window == none)) {
            continue;
        }
        u32 own = 0; // references to the same block; the first one counts for all
        bool first = true;
        for (u32 j = 0; j < memrefs.size(); ++j) {
            const bool same =
                (bits & 1U << j) != 0 && memrefs[j].buffer == memref.buffer && memrefs[j].window == memref.window;
            own += same ? 1 : 0;
            first = first && !(same && j < i);
        }
        const u32 uses = whole ? records_.buffers[memref.buffer].mapped_uses : records_.windows[memref.window].uses;
        if (first && uses == own) {
            idle.pages += whole ? records_.buffers[memref.buffer].pages : records_.windows[memref.window].pages;
            ++idle.blocks;
        }
    }
    return idle;
}

u32 References::begin_list(std::span<const Memref> memrefs, u32 bits) {
    const Guard guard(records_.lock);
    return records_.budget.place(1, MapBudget::Kind::List, idle_blocks(memrefs, bits));
}

void References::end_list(u32 block) {
    const Guard guard(records_.lock);
    records_.budget.remove(block);
}

bool References::could_load() const {
    constexpr u32 storage_pages = 2;
    constexpr u32 application_pages = 256; // 1 MiB
    const Guard guard(records_.lock);
    MapBudget trial = records_.budget;
    return trial.place(storage_pages) != MapBudget::none && trial.place(application_pages) != MapBudget::none;
}

} // namespace trv::tee::optee
