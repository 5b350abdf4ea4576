#include "tee/shared_memory.hpp"

#include "lib/log.hpp"

namespace trv::tee {
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
    by_cookie_ = std::move(table);
    for (u32 i = 0; i < records; ++i) {
        buffers_[i].next = i + 1 < records ? i + 1 : none;
    }
    free_ = 0;
    return {};
}

Checked<void> SharedMemory::map(u32 pages) {
    if (pages > largest_piece || mapped_pages_ + pages > quotas_.core_mapped_pages) {
        return refuse(Refusal::MapBudget);
    }
    mapped_pages_ += pages;
    return {};
}

Checked<void> SharedMemory::charge(BufferKind kind, u32 pages) {
    if (pages > quotas_.pinned_pages - pinned_pages_) {
        return refuse(Refusal::PinQuota);
    }
    if (kind == BufferKind::Registered ? registered_ == quotas_.buffers : rpc_buffers_ == max_rpc_buffers) {
        return refuse(Refusal::BufferQuota);
    }
    if (kind == BufferKind::Rpc) { // mapped for as long as it lives
        TRY(map(pages));
    }
    ++(kind == BufferKind::Registered ? registered_ : rpc_buffers_);
    pinned_pages_ += pages;
    return {};
}

Checked<u32> SharedMemory::begin(BufferKind kind, const BufferExtent& extent, u64 guest_cookie) {
    const Guard guard(lock_);
    TRY(charge(kind, extent.pages));
    ASSERT(free_ != none); // there are as many records as the quotas allow
    const u32 index = free_;
    Buffer& buffer = buffers_[index];
    free_ = buffer.next;
    buffer = Buffer();
    buffer.state = Buffer::State::Filling;
    buffer.kind = kind;
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
    if (argument != none) {
        --buffers_[argument].uses;
    }
}

Checked<Memref> SharedMemory::use(u64 guest_cookie, u64 offset, u64 size) {
    const Guard guard(lock_);
    const u32 index = TRY(find(guest_cookie));
    Buffer& buffer = buffers_[index];
    if (offset > buffer.bytes() || size > buffer.bytes() - offset) {
        return refuse(Refusal::BadMessage);
    }
    Memref memref{index, none, 0, buffer.pages, offset, size};
    if (is_whole(index)) {
        if (buffer.mapped_uses == 0) {
            TRY(map(buffer.pages));
        }
        ++buffer.mapped_uses;
    } else {
        // Neither sum wraps: both are within the buffer's bytes. An empty reference at the very end has a page, too.
        const u64 begin = buffer.offset + offset;
        const u64 last = size != 0 ? begin + size - 1 : begin;
        memref.first = std::min(static_cast<u32>(begin / page_size), buffer.pages - 1);
        memref.pages = std::min(static_cast<u32>(last / page_size), buffer.pages - 1) - memref.first + 1;
        memref.offset = begin - u64{memref.first} * page_size;
    }
    ++buffer.uses;
    return memref;
}

void SharedMemory::drop(const Memref& memref) {
    Buffer& buffer = buffers_[memref.buffer];
    --buffer.uses;
    if (is_whole(memref.buffer)) {
        if (--buffer.mapped_uses == 0) {
            mapped_pages_ -= buffer.pages;
        }
    } else if (memref.window != none) {
        Window& window = windows_[memref.window];
        if (--window.uses == 0) {
            mapped_pages_ -= window.pages;
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
    buffer.known = false; // OP-TEE has dropped it before it asks for the memory to be freed
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

void SharedMemory::report(Usage& usage) const {
    const Guard guard(lock_);
    usage.pinned_pages = pinned_pages_;
    usage.core_mapped_pages = mapped_pages_;
    usage.buffers = registered_;
    usage.rpc_buffers = rpc_buffers_;
    for (const Window& window : windows_) {
        usage.windows += window.state != Window::State::Free ? 1 : 0;
    }
}

} // namespace trv::tee
