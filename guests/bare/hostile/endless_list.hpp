// SPDX-License-Identifier: Apache-2.0
#pragma once
// A page list that leads back to itself, hence of any length, and names one page over and over: large buffers without
// large memory.

#include "guests/bare/hostile/message.hpp"

namespace trv::bare::hostile {

struct EndlessList {
    Page list;
    Page page;

    /// @return its address, for a buffer of any size
    [[nodiscard]] u64 begin() {
        list.words.fill(page.address());
        list.words[msg::list_entries] = list.address();
        return list.address();
    }
};

} // namespace trv::bare::hostile
