// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/trace_decoder.hpp"

#include <gtest/gtest.h>

namespace trv::tool::trace {
namespace {

using contract::trace::ChunkHeader;
using contract::trace::Kind;

template <typename T>
std::string bytes_of(const T& object) {
    return {reinterpret_cast<const char*>(&object), sizeof(object)};
}

std::string chunk(std::uint8_t cpu, std::uint64_t lost, const std::vector<Record>& records) {
    std::string bytes =
        bytes_of(ChunkHeader{.cpu = cpu, .count = static_cast<std::uint16_t>(records.size()), .lost = lost});
    for (const auto& record : records) {
        bytes += bytes_of(record);
    }
    return bytes;
}

const std::string end = chunk(ChunkHeader::end_of_dump, 0, {});

TEST(TraceDecoder, TakesRecordsOfEachCpu) {
    TraceDecoder decoder;
    decoder.feed(chunk(0, 0, {{.time = 1, .kind = Kind::Exit, .vm = 2}, {.time = 2, .kind = Kind::Enter}}) +
                 chunk(3, 0, {{.time = 5, .kind = Kind::Wake, .a = 9}}) + end);
    EXPECT_EQ(decoder.dumps(), 1U);
    ASSERT_EQ(decoder.log().cpus[0].records.size(), 2U);
    EXPECT_EQ(decoder.log().cpus[0].records[0].vm, 2);
    ASSERT_EQ(decoder.log().cpus[3].records.size(), 1U);
    EXPECT_EQ(decoder.log().cpus[3].records[0].a, 9U);
    EXPECT_EQ(decoder.log().records, 3U);
    EXPECT_EQ(decoder.skipped(), 0U);
}

TEST(TraceDecoder, TakesBytesInAnyPieces) {
    TraceDecoder decoder;
    for (const char byte : chunk(1, 0, {{.time = 7}, {.time = 8}}) + end) {
        decoder.feed({&byte, 1});
    }
    EXPECT_EQ(decoder.log().cpus[1].records.size(), 2U);
    EXPECT_EQ(decoder.dumps(), 1U);
}

TEST(TraceDecoder, KeepsWhereRecordsAreMissing) {
    TraceDecoder decoder;
    decoder.feed(chunk(0, 0, {{.time = 1}}) + chunk(0, 10, {{.time = 2}}) + chunk(0, 10, {{.time = 3}}) +
                 chunk(0, 15, {{.time = 4}}));
    const CpuLog& cpu = decoder.log().cpus[0];
    ASSERT_EQ(cpu.gaps.size(), 2U);
    EXPECT_EQ(cpu.gaps[0].before, 1U);
    EXPECT_EQ(cpu.gaps[0].lost, 10U);
    EXPECT_EQ(cpu.gaps[1].before, 3U);
    EXPECT_EQ(cpu.gaps[1].lost, 5U);
    EXPECT_EQ(cpu.lost(), 15U);
}

TEST(TraceDecoder, SkipsWhatIsNoTrace) {
    TraceDecoder decoder;
    std::string wrong = chunk(0, 0, {{.time = 1}});
    wrong[4] = 99; // of another version
    decoder.feed("rubbish" + chunk(9, 0, {}) + wrong + chunk(0, 0, {{.time = 2}}));
    EXPECT_GT(decoder.skipped(), 7U);
    ASSERT_EQ(decoder.log().cpus[0].records.size(), 1U);
    EXPECT_EQ(decoder.log().cpus[0].records[0].time, 2U);
}

TEST(TraceDecoder, CountsKindsThatItDoesNotKnow) {
    TraceDecoder decoder;
    decoder.feed(chunk(0, 0, {{.kind = static_cast<Kind>(0)}, {.kind = static_cast<Kind>(200)}, {.kind = Kind::Rpc}}));
    EXPECT_EQ(decoder.log().cpus[0].records.size(), 1U);
    EXPECT_EQ(decoder.log().cpus[0].lost(), 2U);
}

} // namespace
} // namespace trv::tool::trace
