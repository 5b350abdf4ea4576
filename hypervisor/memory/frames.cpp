// SPDX-License-Identifier: Apache-2.0
#include "memory/frames.hpp"

#include "memory/frame_pool.hpp"

#include <algorithm>

namespace trv::memory {

Frames& Frames::operator=(Frames&& other) noexcept {
    if (this != &other) {
        const Frames former(std::move(*this)); // frees the former block
        pool_ = other.pool_;
        range_ = std::exchange(other.range_, PaRange{});
        owner_ = other.owner_;
    }
    return *this;
}

Frames::~Frames() {
    if (!range_.empty()) {
        MUST(give_back(range_.size));
    }
}

Result<bool> Frames::give_back(u64 max_bytes, Contents contents) {
    if (range_.empty()) {
        return true;
    }
    const u64 slice = std::min(range_.size, std::max(align_down(max_bytes, page_size), page_size));
    TRY(pool_->give_back({range_.base, slice}, owner_, contents));
    range_ = {range_.base + slice, range_.size - slice};
    return range_.empty();
}

} // namespace trv::memory
