// SPDX-License-Identifier: Apache-2.0
#pragma once
// How much OP-TEE's core may be made to map, and how far it may be made to spread it. The argument that these rules
// suffice stands in docs/internals/mediator.md, "The mapping budget".

#include "lib/types.hpp"

#include <array>

namespace trv::tee::optee {

/// Floating blocks that are not mapped before a placed one is gone.
struct IdleBlocks {
    u32 pages = 0;
    u32 blocks = 0;
};

/// Blocks of pages that OP-TEE's core has mapped, or may map, in its pool for shared memory.
/// *Placed* blocks are mapped once and stay where they are until they go: buffers that answer RPCs, and the page of a
/// list that is being read. *Floating* ones are what calls refer to: mapped and unmapped at any time of these calls.
/// Callers serialise.
class MapBudget {
  public:
    static constexpr u32 pages_of_a_table = 512;
    /// Tables that OP-TEE has for the pool where its layout is least favourable.
    static constexpr u32 tables = 4;
    static constexpr u32 pool_pages = tables * pages_of_a_table;
    static constexpr unsigned max_placed = 64 + 2 * 8;
    static constexpr u32 none = ~u32{0};

    /// @param most pages at one time
    void start(u32 most) { most_ = most; }

    /// A call is about to refer to memory: from here to leave() it counts as one that may map floating blocks.
    /// @return whether there is room even if what floats already is mapped by it as well
    [[nodiscard]] bool join();
    void leave();

    /// @return whether there is room; then the block counts until unfloat_block()
    [[nodiscard]] bool float_block(u32 pages);
    void unfloat_block(u32 pages);

    enum class Kind : u8 { Buffer, List };
    /// @return the block, or none if there is no room
    [[nodiscard]] u32 place(u32 pages, Kind kind = Kind::Buffer, IdleBlocks idle = {});
    /// OP-TEE has mapped it by now: what comes later does not move it.
    void settle(u32 block);
    void remove(u32 block);

    /// Of buffers; those of lists do not count.
    [[nodiscard]] u32 pages() const { return floating_pages_ + placed_pages_ - list_pages_; }

  private:
    struct Block {
        u32 pages = 0; ///< 0: free
        u32 end = 0;   ///< it ends here or below
        Kind kind = Kind::Buffer;
        bool settled = false;
    };
    static constexpr u32 class_pages = 17; ///< 61 classes up to 1025 pages

    [[nodiscard]] u32 largest_floating() const;
    [[nodiscard]] u32 floating_end(u32 under, u32 pages, u32 blocks, u32 largest) const;
    [[nodiscard]] u32 end_among_all(u32 pages, u32 other_pages, u32 other_blocks) const;
    [[nodiscard]] u32 placed_end_with(u32 pages, u32 blocks) const;
    [[nodiscard]] bool may_float(u32 pages, u32 blocks, u32 largest);
    [[nodiscard]] u32 find_free() const;
    void raise_unsettled(u32 pages, u32 blocks);

    u32 most_ = 0;
    u32 floating_pages_ = 0;
    u32 floating_blocks_ = 0;
    u32 floating_end_ = 0; ///< they end there or below
    u32 calls_ = 0;        ///< that may map them
    bool mixed_ = false;   ///< there were two such calls at once since there was none
    std::array<u8, 64> in_class_{};
    u64 classes_ = 0; ///< that are not empty
    std::array<Block, max_placed> placed_{};
    u32 placed_pages_ = 0;
    u32 list_pages_ = 0; ///< of those
    u32 placed_blocks_ = 0;
    u32 unsettled_ = 0;
    u32 placed_end_ = 0;
};

} // namespace trv::tee::optee
