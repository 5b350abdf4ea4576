// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/guest/page_list_walk.hpp"

#include "memory/direct_map.hpp"

namespace trv::tee::optee {
namespace {

u64 read_word(Pa list, u64 offset) {
    return __atomic_load_n(memory::direct_map<u64>(list + offset), __ATOMIC_RELAXED);
}

} // namespace

Result<void> PageListWalk::read_on(GuestMemory& memory, u32 most) {
    if (count_ == 0 && ahead_) {
        next_ = *ahead_;
        count_ = 1;
        ahead_.reset();
    }
    while (count_ < most && read_ < pages_ && !ahead_) {
        if (place_ == msg::list_entries) {
            TRY(turn_over(memory));
        }
        const Ipa page(read_word(list_.run().first, u64{place_} * sizeof(u64)));
        ++place_;
        ++read_;
        if (count_ == 0) {
            next_ = page;
        } else if (page != next_ + u64{count_} * page_size) {
            ahead_ = page;
            break;
        }
        ++count_;
    }
    return {};
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
