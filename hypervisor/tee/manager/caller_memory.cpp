// SPDX-License-Identifier: Apache-2.0
#include "tee/manager/caller_memory.hpp"

#include "memory/physical/direct_map.hpp"

#include <algorithm>
#include <cstring>

namespace trv::tee::manager {
namespace {

/// Calls copy(std::byte* there, u64 done, u64 bytes) for each part that lies in one piece.
template <typename Copy>
void for_each_part(const optee::SharedMemory& shared, optee::SharedMemory::Place place, u64 size, Copy copy) {
    if (size == 0) {
        return;
    }
    const u32 first = static_cast<u32>(place.offset / page_size);
    const u32 pages = static_cast<u32>((place.offset + size - 1) / page_size) - first + 1;
    u64 skip = place.offset % page_size;
    u64 done = 0;
    shared.for_each_run(place.buffer, first, pages, [&](memory::FrameRun run) {
        const u64 bytes = std::min(run.range().size - skip, size - done);
        copy(memory::direct_map(run.first + skip), done, bytes);
        done += bytes;
        skip = 0;
    });
}

} // namespace

void CallerMemory::read(u64 offset, std::span<u8> to) const {
    ASSERT(offset <= size_ && to.size() <= size_ - offset);
    for_each_part(*shared_, {place_.buffer, place_.offset + offset}, to.size(),
                  [&](const std::byte* there, u64 done, u64 bytes) { std::memcpy(&to[done], there, bytes); });
}

void CallerMemory::write(u64 offset, std::span<const u8> from) const {
    ASSERT(offset <= size_ && from.size() <= size_ - offset);
    for_each_part(*shared_, {place_.buffer, place_.offset + offset}, from.size(),
                  [&](std::byte* there, u64 done, u64 bytes) { std::memcpy(there, &from[done], bytes); });
}

} // namespace trv::tee::manager
