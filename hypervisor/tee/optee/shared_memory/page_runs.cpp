// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/shared_memory/page_runs.hpp"

namespace trv::tee::optee {

static_assert(PageRuns::longest_run == page_size);

Result<void> ChunkPool::create(u32 buffers, u32 pages) {
    // Each buffer may have one partly used chunk.
    const u32 count = buffers + pages / runs_per_chunk + 1;
    chunks_ = TRY(HeapArray<Chunk>::create(count));
    for (u32 i = 0; i < count; ++i) {
        chunks_[i].next = i + 1 < count ? i + 1 : none;
    }
    free_ = 0;
    return {};
}

u32 ChunkPool::take() {
    ASSERT(free_ != none);
    const u32 taken = free_;
    free_ = chunks_[taken].next;
    chunks_[taken].count = 0;
    chunks_[taken].next = none;
    return taken;
}

void ChunkPool::give_back(u32 chunk) {
    chunks_[chunk].next = free_;
    free_ = chunk;
}

void PageRuns::append(ChunkPool& pool, Run run) {
    if (tail_ == ChunkPool::none) {
        head_ = tail_ = pool.take();
    }
    ChunkPool::Chunk* chunk = &pool.chunks_[tail_];
    if (chunk->count != 0) {
        const Run last = decode(chunk->runs[chunk->count - 1]);
        if (last.range().end() == run.first) {
            const u32 more = std::min(run.count, longest_run - last.count);
            chunk->runs[chunk->count - 1] = encode({last.first, last.count + more});
            run = {run.first + u64{more} * page_size, run.count - more};
        }
    }
    if (run.count == 0) {
        return;
    }
    if (chunk->count == ChunkPool::runs_per_chunk) {
        const u32 fresh = pool.take();
        chunk->next = fresh;
        tail_ = fresh;
        chunk = &pool.chunks_[fresh];
    }
    chunk->runs[chunk->count++] = encode(run);
}

Pa PageRuns::page(const ChunkPool& pool, u32 index) const {
    Pa found;
    for_each_run(pool, index, 1, [&](Run run) { found = run.first; });
    return found;
}

PageRuns::Run PageRuns::take(ChunkPool& pool, u32 most) {
    ASSERT(!empty() && most != 0);
    ChunkPool::Chunk& chunk = pool.chunks_[head_];
    const Run last = decode(chunk.runs[chunk.count - 1]);
    const u32 taken = std::min(most, last.count);
    const u32 left = last.count - taken;
    if (left != 0) {
        chunk.runs[chunk.count - 1] = encode({last.first, left});
    } else if (--chunk.count == 0) {
        const u32 emptied = head_;
        head_ = chunk.next;
        tail_ = head_ == ChunkPool::none ? ChunkPool::none : tail_;
        pool.give_back(emptied);
    }
    return {last.first + u64{left} * page_size, taken};
}

} // namespace trv::tee::optee
