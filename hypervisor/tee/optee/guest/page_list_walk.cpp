// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/guest/page_list_walk.hpp"

#include "memory/physical/direct_map.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

u64 read_word(Pa list, u64 offset) {
    return __atomic_load_n(memory::direct_map<u64>(list + offset), __ATOMIC_RELAXED);
}

} // namespace

Result<void> PageListWalk::read_on(GuestMemory& memory, PageLookup& lookup, u32 most, FrameBatch& batch) {
    while (batch.pages() < most && (entry_ || read_ < pages_)) {
        if (!entry_) {
            if (place_ == msg::list_entries) {
                TRY(turn_over(memory));
            }
            read_known(lookup, most, batch);
            if (!entry_) {
                continue;
            }
        }
        if (!TRY(lookup.find(*entry_)) || !batch.add(lookup.frame_of(*entry_))) {
            break;
        }
        entry_.reset();
    }
    return {};
}

/// Reads on in the list page until an entry is not in the leaf at hand, or has no room in the batch: it stays in entry_.
void PageListWalk::read_known(const PageLookup& lookup, u32 most, FrameBatch& batch) {
    const u64* const entries = memory::direct_map<u64>(list_.run().first);
    const u32 end = std::min({place_ + (most - batch.pages()), place_ + (pages_ - read_), msg::list_entries});
    u32 place = place_;
    while (place != end && !entry_) {
        const Ipa page(__atomic_load_n(entries + place, __ATOMIC_RELAXED));
        ++place;
        if (!lookup.knows(page) || !batch.add(lookup.frame_of(page))) {
            entry_ = page;
        }
    }
    read_ += place - place_;
    place_ = place;
}

/// To the next list page, or the first one.
Result<void> PageListWalk::turn_over(GuestMemory& memory) {
    // The next one's address is read only here, where another entry is needed: drivers leave garbage in the last one.
    if (read_ != 0) {
        next_list_ = Ipa(read_word(list_.run().first, msg::list_next_offset));
    }
    list_.reset();
    list_ = TRY(pin_page(memory, next_list_));
    place_ = 0;
    return {};
}

} // namespace trv::tee::optee
