// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/model/model_pool.hpp"

namespace trv::tee::optee {

unsigned PoolPicture::find(u64 cookie) const {
    unsigned i = 0;
    while (i < count_ && blocks_[i].cookie != cookie) {
        ++i;
    }
    return i;
}

void PoolPicture::erase(unsigned place) {
    for (--count_; place < count_; ++place) {
        blocks_[place] = blocks_[place + 1];
    }
}

u32 PoolPicture::map(u64 cookie, u32 pages) {
    if (const unsigned known = find(cookie); known < count_) {
        ++blocks_[known].uses;
        return blocks_[known].first + blocks_[known].pages;
    }
    if (count_ == max_blocks) {
        return 0; // the model notes memory that it has no room for elsewhere
    }
    u32 first = 0;
    unsigned place = 0;
    for (; place < count_ && blocks_[place].first - first < pages; ++place) {
        first = blocks_[place].first + blocks_[place].pages;
    }
    for (unsigned i = count_++; i > place; --i) {
        blocks_[i] = blocks_[i - 1];
    }
    blocks_[place] = {cookie, first, pages, 1};
    return first + pages;
}

void PoolPicture::unmap(u64 cookie) {
    if (const unsigned known = find(cookie); known < count_ && --blocks_[known].uses == 0) {
        erase(known);
    }
}

void PoolPicture::remove(u64 cookie) {
    if (const unsigned known = find(cookie); known < count_) {
        erase(known);
    }
}

} // namespace trv::tee::optee
