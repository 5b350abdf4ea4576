// SPDX-License-Identifier: Apache-2.0
#pragma once
// Walks the pages that a guest lists for a buffer [optee_msg.h, non-contiguous buffers]. The guest can change the list
// at any time: each entry is read once, and only the value read is used.

#include "lib/checked.hpp"
#include "memory/physical/pin.hpp"
#include "tee/optee/abi/message.hpp"
#include "tee/optee/guest/guest_pages.hpp"

#include <optional>

namespace trv::tee::optee {

/// A buffer as described by a temporary memory reference, with checked arithmetic.
struct BufferExtent {
    Ipa list;   ///< page-aligned; of the page itself if contiguous
    u32 offset; ///< of the first byte in the first page
    u64 size;   ///< bytes, at least 1
    u32 pages;

    /// @param most_pages an absolute limit; quotas are checked elsewhere
    /// @return Error::Invalid (size 0), Error::Overflow, Error::TooMany
    [[nodiscard]] static Result<BufferExtent> of(u64 buf_ptr, u64 size, u32 most_pages) {
        const u32 offset = static_cast<u32>(buf_ptr & (page_size - 1));
        if (size == 0) {
            return fail(Error::Invalid);
        }
        const u64 last = TRY(checked_add(size - 1, u64{offset}));
        const u64 pages = last / page_size + 1;
        if (pages > most_pages) {
            return fail(Error::TooMany);
        }
        return BufferExtent{Ipa(buf_ptr & ~(page_size - 1)), offset, size, static_cast<u32>(pages)};
    }
};

class PageListWalk {
  public:
    constexpr PageListWalk() = default;

    void start(const BufferExtent& extent) {
        *this = PageListWalk();
        next_list_ = extent.list;
        pages_ = extent.pages;
    }
    /// The "list" is the single page itself.
    void start_contiguous(const BufferExtent& extent) {
        start(extent);
        entry_ = extent.list;
        read_ = 1;
    }

    /// Pins up to `most` more pages, and calls take(u32 index, std::span<const memory::FrameRun>) for consecutive ones of
    /// them, which takes over the pins. After an error the walk has ended; the caller unpins the pages taken so far.
    /// @return whether all pages are done. Error::Denied (read-only, or a device), Error::NotOwned, Error::TooMany (pins
    ///         on one frame), Error::Misaligned, Error::NotMapped (changed meanwhile), or what GuestMemory says
    /// Context: cost grows with `most`; a few milliseconds if the guest has touched none of them.
    template <typename Take>
    [[nodiscard]] Result<bool> step(GuestMemory& memory, u32 most, Take take) {
        PageLookup lookup(memory);
        while (most != 0 && done_ < pages_) {
            FrameBatch batch;
            TRY(read_on(memory, lookup, most, batch));
            if (batch.pages() == 0) { // in a leaf more than the series may have
                break;
            }
            TRY(memory.frames().pin(batch.runs(), memory.owner()));
            take(done_, batch.runs());
            done_ += batch.pages();
            most -= batch.pages();
        }
        TRY(lookup.confirm());
        if (done_ == pages_) {
            list_.reset();
        }
        return done_ == pages_;
    }

    void reset() { *this = PageListWalk(); }

  private:
    /// Reads entries, and translates them, until there are `most`, or the batch or the lookup has no room.
    [[nodiscard]] Result<void> read_on(GuestMemory& memory, PageLookup& lookup, u32 most, FrameBatch& batch);
    void read_known(const PageLookup& lookup, u32 most, FrameBatch& batch);
    [[nodiscard]] Result<void> turn_over(GuestMemory& memory);

    memory::Pin list_; ///< the list page being read
    Ipa next_list_;
    u32 place_ = msg::list_entries; ///< of the next entry in it
    std::optional<Ipa> entry_;      ///< one that was read, but not pinned yet
    u32 pages_ = 0;
    u32 read_ = 0;
    u32 done_ = 0;
};

} // namespace trv::tee::optee
