// SPDX-License-Identifier: Apache-2.0
#pragma once
// Walks the pages that a guest lists for a buffer [optee_msg.h, non-contiguous buffers]. The guest can change the list
// at any time: each entry is read once, and only the value read is used.

#include "lib/checked.hpp"
#include "memory/pin.hpp"
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
        contiguous_ = true;
    }

    /// Pins up to `most` more pages, in at most `most_leaves` leaves, and calls take(u32 index, Pa page) for each,
    /// which takes over the pin. After an error the walk has ended; the caller unpins the pages taken so far.
    /// @return whether all pages are done; errors as PagePinner's
    /// Context: cost grows with `most`; a few milliseconds if the guest has touched none of them.
    template <typename Take>
    [[nodiscard]] Result<bool> step(GuestMemory& memory, u32 most, Take take) {
        PagePinner pinner(memory);
        for (; most != 0 && done_ < pages_ && pinner.leaves() < most_leaves; --most) {
            const Ipa page = contiguous_ ? next_list_ : TRY(next_entry(memory));
            const Pa frame = TRY(pinner.pin(page));
            take(done_++, frame);
        }
        TRY(pinner.confirm());
        if (done_ == pages_) {
            list_.reset();
        }
        return done_ == pages_;
    }

    void reset() { *this = PageListWalk(); }

  private:
    static constexpr u32 most_leaves = 4; ///< of 2 MiB each, as a VM's memory is mapped

    [[nodiscard]] Result<Ipa> next_entry(GuestMemory& memory);

    memory::Pin list_; ///< the list page being read
    Ipa next_list_;
    u32 pages_ = 0;
    u32 done_ = 0;
    bool contiguous_ = false;
};

} // namespace trv::tee::optee
