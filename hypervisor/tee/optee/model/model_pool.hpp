// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE's pool for shared memory, core_virt_shm_pool, as it may look: several pictures of it, each of which follows
// one of the orders in which OP-TEE's threads may map and unmap what they have. Where each picture goes is drawn by
// lot. What is mapped highest in any of them is what the mediator must have kept within bounds.

#include "lib/types.hpp"

#include <array>

namespace trv::tee::optee {

/// One order of events: first fit from the bottom, a page the granule [tee_mm.c].
class PoolPicture {
  public:
    static constexpr unsigned max_blocks = 160;

    /// The block is mapped once more. @return where it ends, in pages
    u32 map(u64 cookie, u32 pages);
    void unmap(u64 cookie);
    /// Whatever maps it.
    void remove(u64 cookie);
    void clear() { count_ = 0; }

  private:
    struct Block {
        u64 cookie = 0;
        u32 first = 0;
        u32 pages = 0;
        u32 uses = 0;
    };
    [[nodiscard]] unsigned find(u64 cookie) const;
    void erase(unsigned place);
    std::array<Block, max_blocks> blocks_{}; // by address
    unsigned count_ = 0;
};

/// Numbers that are the same in each run.
class Lots {
  public:
    [[nodiscard]] u32 below(u32 limit) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<u32>(state_ >> 32) % limit;
    }

  private:
    u64 state_ = 0x9e37'79b9'7f4a'7c15;
};

} // namespace trv::tee::optee
