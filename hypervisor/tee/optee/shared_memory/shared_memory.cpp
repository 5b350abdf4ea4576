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
    records_.frames = &frames;
    records_.quotas = quotas;
    const u32 records = quotas.buffers + Records::max_rpc_buffers;
    records_.buffers = TRY(HeapArray<Buffer>::create(records));
    TRY(records_.chunks.create(records, quotas.pinned_pages));
    IndexTable table = TRY(IndexTable::create(records));
    const Guard guard(records_.lock);
    records_.budget.start(quotas.core_mapped_pages);
    records_.by_cookie = std::move(table);
    for (u32 i = 0; i < records; ++i) {
        records_.buffers[i].next = i + 1 < records ? i + 1 : none;
    }
    records_.free = 0;
    return {};
}

Checked<void> SharedMemory::check_quotas(BufferKind kind, u32 pages) const {
    if (pages > records_.quotas.pinned_pages - records_.pinned_pages) {
        return refuse(Refusal::PinQuota);
    }
    if (kind == BufferKind::Registered ? records_.registered == records_.quotas.buffers
                                       : records_.rpc_buffers == Records::max_rpc_buffers) {
        return refuse(Refusal::BufferQuota);
    }
    return {};
}

Checked<u32> SharedMemory::begin(BufferKind kind, const BufferExtent& extent, u64 guest_cookie) {
    const Guard guard(records_.lock);
    TRY(check_quotas(kind, extent.pages));
    u32 placed = MapBudget::none;
    if (kind == BufferKind::Rpc) { // mapped until it is freed
        placed = records_.budget.place(extent.pages);
        if (placed == MapBudget::none) {
            return refuse(Refusal::MapBudget);
        }
    }
    ++(kind == BufferKind::Registered ? records_.registered : records_.rpc_buffers);
    records_.pinned_pages += extent.pages;
    ASSERT(records_.free != none); // there are as many records as the quotas allow
    const u32 index = records_.free;
    Buffer& buffer = records_.buffers[index];
    records_.free = buffer.next;
    buffer = Buffer();
    buffer.state = Buffer::State::Filling;
    buffer.kind = kind;
    buffer.placed = placed;
    buffer.offset = extent.offset;
    buffer.pages = extent.pages;
    buffer.guest_cookie = guest_cookie;
    buffer.tee_cookie = records_.new_cookie(index);
    return index;
}

void SharedMemory::append(u32 buffer, std::span<const memory::FrameRun> frames) {
    const Guard guard(records_.lock);
    PageRuns& runs = records_.buffers[buffer].runs;
    for (const memory::FrameRun& run : frames) {
        runs.append(records_.chunks, run);
    }
}

void SharedMemory::commit(u32 index, bool known) {
    const Guard guard(records_.lock);
    Buffer& buffer = records_.buffers[index];
    buffer.state = Buffer::State::Active;
    buffer.known = known;
    if (buffer.kind == BufferKind::Rpc) {
        return;
    }
    if (const std::optional<u32> old = records_.by_cookie.find(buffer.guest_cookie)) {
        records_.by_cookie.remove(buffer.guest_cookie);
        records_.retire(*old);
    }
    records_.by_cookie.insert(buffer.guest_cookie, index);
}

void SharedMemory::commit_retired(u32 index) {
    const Guard guard(records_.lock);
    records_.buffers[index].known = true;
    records_.retire(index);
}

void SharedMemory::abandon(u32 buffer) {
    const Guard guard(records_.lock);
    records_.buffers[buffer].state = Buffer::State::Releasing;
}

Checked<SharedMemory::RpcBuffer> SharedMemory::detach_rpc(u64 tee_cookie) {
    const Guard guard(records_.lock);
    const u64 index = tee_cookie & Records::place_mask;
    if (index >= records_.buffers.size()) {
        return refuse(Refusal::UnknownCookie);
    }
    Buffer& buffer = records_.buffers[index];
    if (buffer.kind != BufferKind::Rpc || buffer.state != Buffer::State::Active || buffer.tee_cookie != tee_cookie) {
        return refuse(Refusal::UnknownCookie);
    }
    buffer.state = Buffer::State::Releasing;
    buffer.known = false; // OP-TEE has dropped it before it requests that the memory be freed
    return RpcBuffer{static_cast<u32>(index), buffer.guest_cookie, buffer.orphan};
}

/// The buffer, or the window into one, that OP-TEE has this cookie of.
Checked<SharedMemory::Place> SharedMemory::find_known(u64 tee_cookie) const {
    const u64 index = tee_cookie & Records::place_mask;
    if ((index & Records::window_bit) != 0) {
        const u64 place = index & ~Records::window_bit;
        if (place >= Records::max_windows || records_.windows[place].tee_cookie != tee_cookie ||
            records_.windows[place].state != Window::State::Active) {
            return refuse(Refusal::UnknownCookie);
        }
        const Window& window = records_.windows[place];
        return Place{window.buffer, u64{window.first} * page_size};
    }
    if (index >= records_.buffers.size() || records_.buffers[index].tee_cookie != tee_cookie) {
        return refuse(Refusal::UnknownCookie);
    }
    return Place{static_cast<u32>(index), records_.buffers[index].offset};
}

Checked<SharedMemory::Place> SharedMemory::place_of(u64 tee_cookie) const {
    const Guard guard(records_.lock);
    return find_known(tee_cookie);
}

bool SharedMemory::lend(u32 index) {
    const Guard guard(records_.lock);
    Buffer& buffer = records_.buffers[index];
    buffer.lent = buffer.state == Buffer::State::Active && buffer.kind == BufferKind::Registered;
    return buffer.lent;
}

Checked<SharedMemory::GuestReference> SharedMemory::guest_name(u64 tee_cookie) const {
    const Guard guard(records_.lock);
    const Place place = TRY(find_known(tee_cookie));
    const Buffer& buffer = records_.buffers[place.buffer];
    if (buffer.orphan || buffer.state == Buffer::State::Free || buffer.state == Buffer::State::Filling) {
        return refuse(Refusal::UnknownCookie);
    }
    return GuestReference{buffer.guest_cookie, place.offset - buffer.offset};
}

void SharedMemory::report(Usage& usage) const {
    const Guard guard(records_.lock);
    usage.pinned_pages = records_.pinned_pages;
    usage.core_mapped_pages = records_.budget.pages();
    usage.buffers = records_.registered;
    usage.rpc_buffers = records_.rpc_buffers;
    for (const Window& window : records_.windows) {
        usage.windows += window.state != Window::State::Free ? 1 : 0;
    }
}

} // namespace trv::tee::optee
