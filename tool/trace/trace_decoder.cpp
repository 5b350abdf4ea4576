// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/trace_decoder.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace trv::tool::trace {

namespace {

using contract::trace::ChunkHeader;

// Both ends are little-endian, and the structures have no padding.
static_assert(std::endian::native == std::endian::little);

template <typename T>
T read(std::string_view bytes) {
    T value;
    std::memcpy(&value, bytes.data(), sizeof(value));
    return value;
}

bool is_sound(const ChunkHeader& header) {
    return header.magic == ChunkHeader::expected_magic && header.version == ChunkHeader::this_version &&
           (header.cpu < contract::max_cpus || (header.cpu == ChunkHeader::end_of_dump && header.count == 0));
}

bool is_known(const Record& record) {
    const auto kind = static_cast<std::uint8_t>(record.kind);
    return kind >= 1 && kind <= contract::trace::last_kind;
}

} // namespace

void TraceDecoder::feed(std::string_view bytes) {
    rest_ += bytes;
    std::size_t at = 0;
    for (;;) {
        const std::size_t taken = take_chunk(std::string_view{rest_}.substr(at));
        if (taken == 0) {
            break;
        }
        at += taken;
    }
    rest_.erase(0, at);
}

/// @return the number of bytes consumed; 0 if more are needed
std::size_t TraceDecoder::take_chunk(std::string_view bytes) {
    if (bytes.size() < sizeof(ChunkHeader)) {
        return 0;
    }
    const auto header = read<ChunkHeader>(bytes);
    if (!is_sound(header)) {
        ++skipped_;
        return 1;
    }
    const std::size_t size = sizeof(header) + header.count * sizeof(Record);
    if (bytes.size() < size) {
        return 0;
    }
    if (header.cpu == ChunkHeader::end_of_dump) {
        ++dumps_;
    } else {
        take_records(header, bytes.substr(sizeof(header), size - sizeof(header)));
    }
    return size;
}

void TraceDecoder::take_records(const ChunkHeader& header, std::string_view bytes) {
    CpuLog& cpu = log_.cpus.at(header.cpu);
    if (header.lost > cpu.overwritten) {
        cpu.gaps.push_back({.before = cpu.records.size(), .lost = header.lost - cpu.overwritten});
        cpu.overwritten = header.lost;
    }
    for (; !bytes.empty(); bytes.remove_prefix(sizeof(Record))) {
        const auto record = read<Record>(bytes);
        if (!is_known(record) || log_.records >= TraceLog::most_records) {
            ++cpu.left_out;
        } else {
            cpu.records.push_back(record);
            ++log_.records;
        }
    }
}

} // namespace trv::tool::trace
