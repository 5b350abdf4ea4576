#include "memory/scrub.hpp"

#include "arch/cache.hpp"
#include "lib/checked.hpp"
#include "memory/direct_map.hpp"

#include <algorithm>

namespace trv::memory {

void scrub(PaRange range) {
    std::byte* const memory = direct_map(range.base);
    arch::zero_pages(memory, range.size);
    arch::clean_and_invalidate(memory, range.size);
}

bool Scrubber::step(u64 max_bytes) {
    const u64 slice = std::min(rest_.size, std::max(align_down(max_bytes, page_size), page_size));
    if (slice != 0) {
        scrub({rest_.base, slice});
        rest_ = {rest_.base + slice, rest_.size - slice};
    }
    return rest_.empty();
}

} // namespace trv::memory
