// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/scrub.hpp"

#include "arch/memory/cache.hpp"
#include "memory/physical/direct_map.hpp"

namespace trv::memory {

void scrub(PaRange range) {
    std::byte* const memory = direct_map(range.base);
    arch::zero_pages(memory, range.size);
    arch::clean_and_invalidate(memory, range.size);
}

} // namespace trv::memory
