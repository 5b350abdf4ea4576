// SPDX-License-Identifier: Apache-2.0
#pragma once
// A buffer's pages as runs of frames. Runs are in chunks from a pool that is sized once for a VM's page quota, however
// scattered its memory is.

#include "lib/heap_array.hpp"
#include "lib/types.hpp"
#include "memory/physical/frame_table.hpp"

#include <algorithm>
#include <array>

namespace trv::tee::optee {

class PageRuns;

/// Callers serialise.
class ChunkPool {
  public:
    static constexpr u32 none = ~u32{0};
    static constexpr unsigned runs_per_chunk = 7;

    /// @param buffers maximum number of lists; @param pages maximum number of pages in all of them
    [[nodiscard]] Result<void> create(u32 buffers, u32 pages);

  private:
    friend class PageRuns;

    /// A run is the address of its first page, with the number of pages less one in the twelve bits that addresses of
    /// pages do not use.
    struct Chunk {
        std::array<u64, runs_per_chunk> runs{};
        u32 count = 0;
        u32 next = none;
    };
    static_assert(sizeof(Chunk) == 64);

    /// Never empty: the pool is sized for the quotas.
    [[nodiscard]] u32 take();
    void give_back(u32 chunk);

    HeapArray<Chunk> chunks_;
    u32 free_ = none;
};

/// Frames in the order of the buffer's pages.
class PageRuns {
  public:
    using Run = memory::FrameRun;
    static constexpr u32 longest_run = 4096; ///< frames

    [[nodiscard]] bool empty() const { return head_ == ChunkPool::none; }

    /// @param run 1 to longest_run frames
    void append(ChunkPool& pool, Run run);
    /// @param index below the number of pages
    [[nodiscard]] Pa page(const ChunkPool& pool, u32 index) const;
    /// Removes up to `most` consecutive pages, in arbitrary order, for unpinning.
    [[nodiscard]] Run take(ChunkPool& pool, u32 most);

    /// Calls visit(Run) for `count` pages from `first` on.
    template <typename Visit>
    void for_each_run(const ChunkPool& pool, u32 first, u32 count, Visit visit) const {
        u32 skip = first;
        for (u32 at = head_; at != ChunkPool::none && count != 0; at = pool.chunks_[at].next) {
            for (u32 i = 0; i < pool.chunks_[at].count && count != 0; ++i) {
                const Run run = decode(pool.chunks_[at].runs[i]);
                const u32 skipped = std::min(skip, run.count);
                const u32 visited = std::min(count, run.count - skipped);
                if (visited != 0) {
                    visit(Run{run.first + u64{skipped} * page_size, visited});
                }
                skip -= skipped;
                count -= visited;
            }
        }
    }

  private:
    [[nodiscard]] static Run decode(u64 word) {
        return {Pa(word & ~(page_size - 1)), static_cast<u32>(word & (page_size - 1)) + 1};
    }
    [[nodiscard]] static u64 encode(Run run) { return run.first.value | (run.count - 1); }

    u32 head_ = ChunkPool::none;
    u32 tail_ = ChunkPool::none;
};

} // namespace trv::tee::optee
