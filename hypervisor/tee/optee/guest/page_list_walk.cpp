// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/guest/page_list_walk.hpp"

#include "memory/direct_map.hpp"

namespace trv::tee::optee {
namespace {

u64 read_word(Pa list, u64 offset) {
    return __atomic_load_n(memory::direct_map<u64>(list + offset), __ATOMIC_RELAXED);
}

} // namespace

Result<Ipa> PageListWalk::next_entry(GuestMemory& memory) {
    const u32 place = done_ % msg::list_entries;
    if (place == 0) {
        // The next page's address is read only here, where another entry is needed: drivers leave garbage in the last
        // one.
        if (done_ != 0) {
            next_list_ = Ipa(read_word(list_.run().first, msg::list_next_offset));
        }
        list_.reset();
        list_ = TRY(pin_page(memory, next_list_));
    }
    return Ipa(read_word(list_.run().first, u64{place} * sizeof(u64)));
}

} // namespace trv::tee::optee
