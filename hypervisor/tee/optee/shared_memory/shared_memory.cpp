// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/shared_memory/shared_memory.hpp"

#include "lib/log.hpp"

namespace trv::tee::optee {
namespace {

std::unexpected<Refusal> refuse(Refusal refusal) {
    return std::unexpected(refusal);
}

} // namespace

Result<void> SharedMemory::create(memory::FrameTable& frames, const Quotas& quotas) {
    if (quotas.buffers > Quotas::most_buffers || quotas.pinned_pages > Quotas::most_pinned_pages ||
        quotas.core_mapped_pages > Quotas::most_core_mapped_pages) {
        return fail(Error::Invalid);
    }
    frames_ = &frames;
    quotas_ = quotas;
    const u32 records = quotas.buffers + max_rpc_buffers;
    buffers_ = TRY(HeapArray<Buffer>::create(records));
    TRY(chunks_.create(records, quotas.pinned_pages));
    IndexTable table = TRY(IndexTable::create(records));
    const Guard guard(lock_);
    budget_.start(quotas.core_mapped_pages);
    by_cookie_ = std::move(table);
    for (u32 i = 0; i < records; ++i) {
        buffers_[i].next = i + 1 < records ? i + 1 : none;
    }
    free_ = 0;
    return {};
}

Checked<void> SharedMemory::map(u32 pages) {
    if (pages > largest_piece || !budget_.float_block(pages)) {
        return refuse(Refusal::MapBudget);
    }
    return {};
}

Checked<void> SharedMemory::check_quotas(BufferKind kind, u32 pages) const {
    if (pages > quotas_.pinned_pages - pinned_pages_) {
        return refuse(Refusal::PinQuota);
    }
    if (kind == BufferKind::Registered ? registered_ == quotas_.buffers : rpc_buffers_ == max_rpc_buffers) {
        return refuse(Refusal::BufferQuota);
    }
    return {};
}

Checked<u32> SharedMemory::begin(BufferKind kind, const BufferExtent& extent, u64 guest_cookie) {
    const Guard guard(lock_);
    TRY(check_quotas(kind, extent.pages));
    u32 placed = MapBudget::none;
    if (kind == BufferKind::Rpc) { // mapped until it is freed
        placed = budget_.place(extent.pages);
        if (placed == MapBudget::none) {
            return refuse(Refusal::MapBudget);
        }
    }
    ++(kind == BufferKind::Registered ? registered_ : rpc_buffers_);
    pinned_pages_ += extent.pages;
    ASSERT(free_ != none); // there are as many records as the quotas allow
    const u32 index = free_;
    Buffer& buffer = buffers_[index];
    free_ = buffer.next;
    buffer = Buffer();
    buffer.state = Buffer::State::Filling;
    buffer.kind = kind;
    buffer.placed = placed;
    buffer.offset = extent.offset;
    buffer.pages = extent.pages;
    buffer.guest_cookie = guest_cookie;
    buffer.tee_cookie = new_cookie(index);
    return index;
}

void SharedMemory::append(u32 buffer, Pa page) {
    const Guard guard(lock_);
    buffers_[buffer].runs.append(chunks_, page);
}

void SharedMemory::commit(u32 index, bool known) {
    const Guard guard(lock_);
    Buffer& buffer = buffers_[index];
    buffer.state = Buffer::State::Active;
    buffer.known = known;
    if (buffer.kind == BufferKind::Rpc) {
        return;
    }
    if (const std::optional<u32> old = by_cookie_.find(buffer.guest_cookie)) {
        by_cookie_.remove(buffer.guest_cookie);
        retire(*old);
    }
    by_cookie_.insert(buffer.guest_cookie, index);
}

void SharedMemory::commit_retired(u32 index) {
    const Guard guard(lock_);
    buffers_[index].known = true;
    retire(index);
}

void SharedMemory::abandon(u32 buffer) {
    const Guard guard(lock_);
    buffers_[buffer].state = Buffer::State::Releasing;
}

void SharedMemory::retire(u32 index) {
    Buffer& buffer = buffers_[index];
    buffer.state = Buffer::State::Retired;
    buffer.next = retired_;
    retired_ = index;
    retired_buffers_.fetch_add(1, std::memory_order_relaxed);
}

Checked<u32> SharedMemory::find(u64 guest_cookie) const {
    const std::optional<u32> index = by_cookie_.find(guest_cookie);
    if (guest_cookie == 0 || !index) {
        return refuse(Refusal::UnknownCookie);
    }
    return *index;
}

Checked<u32> SharedMemory::use(u64 guest_cookie) {
    const Guard guard(lock_);
    const u32 index = TRY(find(guest_cookie));
    ++buffers_[index].uses;
    return index;
}

void SharedMemory::drop(std::span<const Memref> memrefs, u32 bits, u32 argument) {
    const Guard guard(lock_);
    for (u32 i = 0; i < memrefs.size(); ++i) {
        if ((bits & 1U << i) != 0) {
            drop(memrefs[i]);
        }
    }
    if (bits != 0) {
        budget_.leave();
    }
    if (argument != none) {
        --buffers_[argument].uses;
    }
}

Checked<Memref> SharedMemory::use(u64 guest_cookie, u64 offset, u64 size, bool joins) {
    const Guard guard(lock_);
    if (joins && !budget_.join()) {
        return refuse(Refusal::MapBudget);
    }
    Checked<Memref> memref = refer(guest_cookie, offset, size);
    if (joins && !memref) {
        budget_.leave();
    }
    return memref;
}

Checked<Memref> SharedMemory::refer(u64 guest_cookie, u64 offset, u64 size) {
    const u32 index = TRY(find(guest_cookie));
    Buffer& buffer = buffers_[index];
    if (offset > buffer.bytes() || size > buffer.bytes() - offset) {
        return refuse(Refusal::BadMessage);
    }
    Memref memref = locate(index, offset, size);
    if (is_whole(index)) {
        if (buffer.mapped_uses == 0) {
            TRY(map(buffer.pages));
        }
        ++buffer.mapped_uses;
    }
    ++buffer.uses;
    return memref;
}

/// The part of a buffer that a reference needs. Precondition: it lies within.
Memref SharedMemory::locate(u32 index, u64 offset, u64 size) const {
    const Buffer& buffer = buffers_[index];
    Memref memref{index, none, 0, buffer.pages, offset, size};
    if (!is_whole(index)) {
        // Neither sum wraps: both are within the buffer. An empty reference at the end has a page as well.
        const u64 begin = buffer.offset + offset;
        const u64 last = size != 0 ? begin + size - 1 : begin;
        memref.first = std::min(static_cast<u32>(begin / page_size), buffer.pages - 1);
        memref.pages = std::min(static_cast<u32>(last / page_size), buffer.pages - 1) - memref.first + 1;
        memref.offset = begin - u64{memref.first} * page_size;
    }
    return memref;
}

u32 SharedMemory::pages_to_map(u64 guest_cookie, u64 offset, u64 size) const {
    const Guard guard(lock_);
    const Checked<u32> index = find(guest_cookie);
    const bool within = index && offset <= buffers_[*index].bytes() && size <= buffers_[*index].bytes() - offset;
    return within ? locate(*index, offset, size).pages : 0;
}

void SharedMemory::drop(const Memref& memref) {
    Buffer& buffer = buffers_[memref.buffer];
    --buffer.uses;
    if (is_whole(memref.buffer)) {
        if (--buffer.mapped_uses == 0) {
            budget_.unfloat_block(buffer.pages);
        }
    } else if (memref.window != none) {
        Window& window = windows_[memref.window];
        if (--window.uses == 0) {
            budget_.unfloat_block(window.pages);
        }
    }
}

Checked<u32> SharedMemory::detach(u64 guest_cookie) {
    const Guard guard(lock_);
    const u32 index = TRY(find(guest_cookie));
    by_cookie_.remove(guest_cookie);
    buffers_[index].state = Buffer::State::Releasing;
    return index;
}

Checked<SharedMemory::RpcBuffer> SharedMemory::detach_rpc(u64 tee_cookie) {
    const Guard guard(lock_);
    const u64 index = tee_cookie & place_mask;
    if (index >= buffers_.size()) {
        return refuse(Refusal::UnknownCookie);
    }
    Buffer& buffer = buffers_[index];
    if (buffer.kind != BufferKind::Rpc || buffer.state != Buffer::State::Active || buffer.tee_cookie != tee_cookie) {
        return refuse(Refusal::UnknownCookie);
    }
    buffer.state = Buffer::State::Releasing;
    buffer.known = false; // OP-TEE has dropped it before it requests that the memory be freed
    return RpcBuffer{static_cast<u32>(index), buffer.guest_cookie, buffer.orphan};
}

Checked<SharedMemory::GuestReference> SharedMemory::guest_name(u64 tee_cookie) const {
    const Guard guard(lock_);
    u64 index = tee_cookie & place_mask;
    u64 offset = 0;
    if ((index & window_bit) != 0) {
        const u64 place = index & ~window_bit;
        if (place >= max_windows || windows_[place].tee_cookie != tee_cookie ||
            windows_[place].state != Window::State::Active) {
            return refuse(Refusal::UnknownCookie);
        }
        index = windows_[place].buffer;
        offset = u64{windows_[place].first} * page_size - buffers_[index].offset;
    } else if (index >= buffers_.size() || buffers_[index].tee_cookie != tee_cookie) {
        return refuse(Refusal::UnknownCookie);
    }
    const Buffer& buffer = buffers_[index];
    if (buffer.orphan || buffer.state == Buffer::State::Free || buffer.state == Buffer::State::Filling) {
        return refuse(Refusal::UnknownCookie);
    }
    return GuestReference{buffer.guest_cookie, offset};
}

void SharedMemory::settle(u32 buffer) {
    const Guard guard(lock_);
    budget_.settle(buffers_[buffer].placed);
}

/// What only this call refers to: OP-TEE has not received the call yet.
IdleBlocks SharedMemory::idle_blocks(std::span<const Memref> memrefs, u32 bits) const {
    IdleBlocks idle;
    for (u32 i = 0; i < memrefs.size(); ++i) {
        const Memref& memref = memrefs[i];
        const bool whole = (bits & 1U << i) != 0 && is_whole(memref.buffer);
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
        const u32 uses = whole ? buffers_[memref.buffer].mapped_uses : windows_[memref.window].uses;
        if (first && uses == own) {
            idle.pages += whole ? buffers_[memref.buffer].pages : windows_[memref.window].pages;
            ++idle.blocks;
        }
    }
    return idle;
}

u32 SharedMemory::begin_list(std::span<const Memref> memrefs, u32 bits) {
    const Guard guard(lock_);
    return budget_.place(1, MapBudget::Kind::List, idle_blocks(memrefs, bits));
}

bool SharedMemory::could_load() const {
    constexpr u32 storage_pages = 2;
    constexpr u32 application_pages = 256; // 1 MiB
    const Guard guard(lock_);
    MapBudget trial = budget_;
    return trial.place(storage_pages) != MapBudget::none && trial.place(application_pages) != MapBudget::none;
}

void SharedMemory::end_list(u32 block) {
    const Guard guard(lock_);
    budget_.remove(block);
}

void SharedMemory::report(Usage& usage) const {
    const Guard guard(lock_);
    usage.pinned_pages = pinned_pages_;
    usage.core_mapped_pages = budget_.pages();
    usage.buffers = registered_;
    usage.rpc_buffers = rpc_buffers_;
    for (const Window& window : windows_) {
        usage.windows += window.state != Window::State::Free ? 1 : 0;
    }
}

} // namespace trv::tee::optee
