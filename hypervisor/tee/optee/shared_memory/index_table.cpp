// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/shared_memory/index_table.hpp"

#include <algorithm>

namespace trv::tee::optee {

bool IndexTable::remove(u64 key) {
    std::size_t hole = place_of(key);
    if (!entries_[hole].used) {
        return false;
    }
    // Entries behind the hole move up unless that would put them before their home: look-ups stop at the first free
    // entry.
    for (std::size_t at = (hole + 1) & mask(); entries_[at].used; at = (at + 1) & mask()) {
        const std::size_t home = home_of(entries_[at].key);
        if (((at - home) & mask()) >= ((at - hole) & mask())) {
            entries_[hole] = entries_[at];
            hole = at;
        }
    }
    entries_[hole] = {};
    --size_;
    return true;
}

void IndexTable::clear() {
    std::fill(entries_.begin(), entries_.end(), Entry{});
    size_ = 0;
}

} // namespace trv::tee::optee
