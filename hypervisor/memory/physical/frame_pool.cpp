// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/frame_pool.hpp"

#include "arch/memory/cache.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/physical/frames.hpp"
#include "memory/physical/scrub.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace trv::memory {

void FramePool::start(FrameTable& table, const RamMap& map) {
    table_ = &table;
    const PaRange storage[] = {table.storage()};
    const auto insert = [&](PaRange gap) -> Result<void> {
        insert_range(gap);
        return {};
    };
    const Result<void> inserted =
        for_each_free(map, [&](PaRange gap) { return for_each_gap(gap, std::span<const PaRange>(storage), insert); });
    ASSERT(inserted);
}

Result<Frames> FramePool::allocate(unsigned order, FrameOwner owner) {
    ASSERT(owner != FrameOwner::Free && owner != FrameOwner::Reserved && owner != FrameOwner::Leaving);
    if (order > max_order) {
        return fail(Error::OutOfRange);
    }
    PaRange block;
    {
        const Guard guard(lock_);
        const Found found = TRY(find(order));
        carve(found, order);
        block = {found.block, block_size(order)};
    }
    // Outside the lock: the block is in no list any more, and no other code changes its frames, which are Free but not
    // heads.
    table_->hand_out(block, order, owner);
    return Frames(*this, block, owner);
}

Result<Frames> FramePool::allocate_largest(unsigned max_order_wanted, unsigned min_order, FrameOwner owner) {
    for (unsigned order = std::min(max_order_wanted, max_order) + 1; order-- > min_order;) {
        Result<Frames> frames = allocate(order, owner);
        if (frames || frames.error() != Error::NoMemory) {
            return frames;
        }
    }
    return fail(Error::NoMemory);
}

Result<Frames> FramePool::adopt(PaRange range, FrameOwner owner) {
    if (!range.base.is_aligned(page_size) || !is_aligned(range.size, page_size)) {
        return fail(Error::Misaligned);
    }
    TRY(table_->check_owner(range, owner));
    return Frames(*this, range, owner);
}

Result<void> FramePool::give_back(PaRange range, FrameOwner owner, Contents contents) {
    if (range.empty()) {
        return fail(Error::Invalid);
    }
    if (!range.base.is_aligned(page_size) || !is_aligned(range.size, page_size)) {
        return fail(Error::Misaligned);
    }
    if (owner == FrameOwner::Free || owner == FrameOwner::Reserved || owner == FrameOwner::Leaving) {
        return fail(Error::NotOwned);
    }
    TRY(table_->begin_leaving(range, owner));
    if (contents == Contents::Used) {
        scrub(range);
    }
    table_->end_leaving(range);
    insert_range(range);
    return {};
}

u64 FramePool::free_blocks(unsigned order) {
    const Guard guard(lock_);
    return free_[order].size();
}

void FramePool::insert_range(PaRange range) {
    while (!range.empty()) {
        const u64 frame = range.base.value >> page_shift;
        const auto alignment = static_cast<unsigned>(std::countr_zero(frame));
        const auto size = static_cast<unsigned>(std::bit_width(range.size >> page_shift)) - 1;
        const unsigned order = std::min({max_order, alignment, size});
        {
            const Guard guard(lock_);
            insert_block(range.base, order);
        }
        range = {range.base + block_size(order), range.size - block_size(order)};
    }
}

void FramePool::insert_block(Pa block, unsigned order) {
    for (; order < max_order; ++order) {
        const Pa buddy(block.value ^ block_size(order));
        const Pa parent = std::min(block, buddy);
        if (!table_->is_free_head(buddy, order)) {
            break;
        }
        remove(buddy, order);
        block = parent;
    }
    push(block, order);
}

void FramePool::push(Pa block, unsigned order) {
    table_->set_free_head(block, order);
    free_[order].push_front(*new (direct_map<void>(block)) FreeBlock);
}

void FramePool::remove(Pa block, unsigned order) {
    FreeBlock* const links = direct_map<FreeBlock>(block);
    free_[order].remove(*links);
    // The next owner must not see the links, not even by bypassing the caches.
    new (static_cast<void*>(links)) std::byte[sizeof(FreeBlock)]{};
    arch::clean_and_invalidate(links, sizeof(FreeBlock));
    table_->clear_free_head(block);
}

Result<FramePool::Found> FramePool::find(unsigned order) {
    for (unsigned larger = order; larger <= max_order; ++larger) {
        if (FreeBlock* const first = free_[larger].front(); first != nullptr) {
            return Found{physical_address(first), larger};
        }
    }
    return fail(Error::NoMemory);
}

void FramePool::carve(Found found, unsigned order) {
    remove(found.block, found.order);
    for (unsigned half_order = found.order; half_order-- > order;) {
        push(found.block + block_size(half_order), half_order);
    }
}

Frames& Frames::operator=(Frames&& other) noexcept {
    if (this != &other) {
        const Frames former(std::move(*this)); // frees the former block
        pool_ = other.pool_;
        range_ = std::exchange(other.range_, PaRange{});
        owner_ = other.owner_;
    }
    return *this;
}

Frames::~Frames() {
    if (!range_.empty()) {
        MUST(give_back(range_.size));
    }
}

bool Frames::has_pinned() const {
    return pool_->table().pins_of(owner_) != 0;
}

Result<bool> Frames::give_back(u64 max_bytes, Contents contents) {
    if (range_.empty()) {
        return true;
    }
    const u64 slice = std::min(range_.size, std::max(align_down(max_bytes, page_size), page_size));
    TRY(pool_->give_back({range_.base, slice}, owner_, contents));
    range_ = {range_.base + slice, range_.size - slice};
    return range_.empty();
}

} // namespace trv::memory
