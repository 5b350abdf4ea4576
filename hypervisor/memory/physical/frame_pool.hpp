// SPDX-License-Identifier: Apache-2.0
#pragma once
// The free frames, with allocation and freeing: a buddy allocator with blocks of 4 KiB (order 0) to 1 GiB (order
// 18), naturally aligned. Its lists live in the free frames; its other state is the frame table.
//
// Invariant: a free frame holds nothing of a former owner. give_back() scrubs for every owner; so allocation is fast,
// and no path forgets to scrub. (Data that boot firmware left in RAM stays there: callers that need zeros, such as page
// tables, write them.)

#include "lib/list.hpp"
#include "memory/physical/frame_table.hpp"
#include "memory/physical/frames.hpp"
#include "sync/spinlock.hpp"

namespace trv::memory {

class FramePool {
  public:
    static constexpr unsigned max_order = 18;

    constexpr FramePool() = default;
    FramePool(const FramePool&) = delete;
    FramePool& operator=(const FramePool&) = delete;

    /// Adds all RAM that is neither taken in the map nor used by the table itself.
    /// @param table already started with the same map
    /// Context: boot, one CPU; all RAM mapped. Cost grows with the number of ranges, not with RAM.
    void start(FrameTable& table, const RamMap& map);

    /// @param order 2^order frames, at most max_order
    /// @param owner not Free, Reserved or Leaving
    /// @return contents unspecified, but free of any owner's data; Error::NoMemory, Error::OutOfRange (order)
    /// Context: any CPU; O(orders), plus one store per frame.
    [[nodiscard]] Result<Frames> allocate(unsigned order, FrameOwner owner);

    /// Allocates the largest free block between two orders: for memory that need not be contiguous.
    /// @return Error::NoMemory when not even 2^min_order frames are free
    [[nodiscard]] Result<Frames> allocate_largest(unsigned max_order_wanted, unsigned min_order, FrameOwner owner);

    /// A handle of frames that have had this owner since boot, as the RAM map said. Release it in the end: the frames are
    /// to stay the owner's.
    /// @return Error::NotOwned, Error::OutOfRange, Error::Misaligned, Error::Invalid
    [[nodiscard]] Result<Frames> adopt(PaRange range, FrameOwner owner);

    /// Scrubs and frees whole pages. Blocks may differ from the allocated ones.
    /// @return nothing changes on Error::Busy (pinned), Error::NotOwned, Error::OutOfRange, Error::Misaligned,
    /// Error::Invalid Context: any CPU; cost grows with the size. For large memory see Frames::give_back().
    [[nodiscard]] Result<void> give_back(PaRange range, FrameOwner owner, Contents contents = Contents::Used);

    [[nodiscard]] FrameTable& table() const { return *table_; }
    [[nodiscard]] u64 free_frames() const { return table_->frames_of(FrameOwner::Free); }
    /// Whether a program may have that many frames: some stay for what VMs that exist still need, such as page tables, and
    /// a restart's.
    [[nodiscard]] bool can_spare(u64 frames) const {
        constexpr u64 kept_back = 8 * MiB / page_size;
        const u64 free = free_frames();
        return free >= kept_back && frames <= free - kept_back;
    }
    /// Free blocks of one order, for reports and tests.
    [[nodiscard]] u64 free_blocks(unsigned order) EXCLUDES(lock_);

  private:
    /// Lies at the beginning of a free block.
    struct FreeBlock {
        ListNode<FreeBlock> node;
    };
    using FreeList = List<FreeBlock, &FreeBlock::node>;
    struct Found {
        Pa block;
        unsigned order; ///< at least what is wanted
    };

    void insert_range(PaRange range) EXCLUDES(lock_);
    void insert_block(Pa block, unsigned order) REQUIRES(lock_);
    void push(Pa block, unsigned order) REQUIRES(lock_);
    void remove(Pa block, unsigned order) REQUIRES(lock_);
    [[nodiscard]] Result<Found> find(unsigned order) REQUIRES(lock_);
    void carve(Found found, unsigned order) REQUIRES(lock_);

    FrameTable* table_ = nullptr;
    SpinLock lock_;
    FreeList free_[max_order + 1] GUARDED_BY(lock_);
};

/// Bytes of a block.
[[nodiscard]] constexpr u64 block_size(unsigned order) {
    return page_size << order;
}

/// The smallest order whose block holds `bytes` bytes. Precondition: 0 < bytes <= 1 GiB.
[[nodiscard]] constexpr unsigned order_for(u64 bytes) {
    unsigned order = 0;
    while (block_size(order) < bytes) {
        ++order;
    }
    return order;
}

} // namespace trv::memory
