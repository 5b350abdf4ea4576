// SPDX-License-Identifier: Apache-2.0
#include "trace/stream.hpp"

#include "arch/cpu/clock.hpp"
#include "lib/time/time.hpp"

#include <algorithm>
#include <cstring>

namespace trv::trace {

void Stream::begin() {
    for (Source& source : sources_) {
        source.until = source.ring != nullptr ? source.ring->written() : source.next;
    }
    cpu_ = 0;
    under_way_ = true;
}

u64 Stream::lost() const {
    u64 lost = 0;
    for (const Source& source : sources_) {
        lost += source.lost;
    }
    return lost;
}

std::size_t Stream::fill(std::span<u8, chunk_bytes> out) {
    if (!under_way_) {
        return 0;
    }
    for (; cpu_ < max_cpus; ++cpu_) {
        if (const std::size_t size = fill_from(cpu_, out); size != 0) {
            return size;
        }
    }
    under_way_ = false;
    const ChunkHeader end{.cpu = ChunkHeader::end_of_dump, .lost = lost()};
    std::memcpy(out.data(), &end, sizeof(end));
    return sizeof(end);
}

std::size_t Stream::fill_from(unsigned cpu, std::span<u8, chunk_bytes> out) {
    Source& source = sources_[cpu];
    ChunkHeader header{.cpu = static_cast<u8>(cpu)};
    std::size_t size = sizeof(header);
    while (source.next < source.until && header.count < chunk_records) {
        const u64 oldest = std::min(source.ring->oldest(), source.until);
        if (source.next < oldest) {
            if (header.count != 0) {
                break; // the next header reports the loss, before the records that follow the gap
            }
            source.lost += oldest - source.next;
            source.next = oldest;
            continue;
        }
        Record record;
        if (!source.ring->read(source.next, record)) {
            continue; // overwritten while reading: oldest() reports it
        }
        record.time = ticks_to_nanoseconds(record.time - std::min(record.time, arch::entry_ticks), arch::tick_hz());
        std::memcpy(out.data() + size, &record, sizeof(record));
        size += sizeof(record);
        ++header.count;
        ++source.next;
    }
    if (header.count == 0) {
        return 0;
    }
    header.lost = source.lost;
    std::memcpy(out.data(), &header, sizeof(header));
    return size;
}

} // namespace trv::trace
