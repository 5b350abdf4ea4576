// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/clock.hpp"
#include "trace/stream.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

namespace trv::trace {
namespace {

struct Chunk {
    ChunkHeader header;
    std::vector<Record> records;
};

class TraceStream : public testing::Test {
  protected:
    TraceStream() {
        for (unsigned cpu = 0; cpu < 2; ++cpu) {
            EXPECT_TRUE(rings_[cpu].create(128 * sizeof(Record)));
            stream_.set_ring(cpu, &rings_[cpu]);
        }
    }
    ~TraceStream() override { arch::entry_ticks = 0; }

    void write(unsigned cpu, u64 from, u64 to) {
        for (u64 n = from; n < to; ++n) {
            rings_[cpu].write({.time = n, .kind = Kind::Enter});
        }
    }
    /// All of the dump that was begun.
    std::vector<Chunk> chunks() {
        std::vector<Chunk> found;
        std::array<u8, Stream::chunk_bytes> bytes;
        while (const std::size_t size = stream_.fill(bytes)) {
            Chunk& chunk = found.emplace_back();
            std::memcpy(&chunk.header, bytes.data(), sizeof(chunk.header));
            EXPECT_EQ(size, sizeof(chunk.header) + chunk.header.count * sizeof(Record));
            chunk.records.resize(chunk.header.count);
            if (!chunk.records.empty()) {
                std::memcpy(chunk.records.data(), bytes.data() + sizeof(chunk.header),
                            chunk.header.count * sizeof(Record));
            }
        }
        return found;
    }
    std::vector<Chunk> dump() {
        stream_.begin();
        return chunks();
    }

    std::array<Ring, 2> rings_;
    Stream stream_;
};

TEST_F(TraceStream, SendsNothingUnasked) {
    write(0, 0, 5);
    std::array<u8, Stream::chunk_bytes> bytes;
    EXPECT_EQ(stream_.fill(bytes), 0U);
    EXPECT_FALSE(stream_.is_under_way());
}

TEST_F(TraceStream, SendsEveryCpuAndThenTheEnd) {
    write(0, 1000, 1003);
    write(1, 2000, 2001);
    arch::entry_ticks = 500;
    const auto sent = dump();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[0].header.magic, ChunkHeader::expected_magic);
    EXPECT_EQ(sent[0].header.cpu, 0);
    ASSERT_EQ(sent[0].header.count, 3);
    EXPECT_EQ(sent[0].records[2].time, 502U) << "nanoseconds since EL2 was entered";
    EXPECT_EQ(sent[1].header.cpu, 1);
    ASSERT_EQ(sent[1].header.count, 1);
    EXPECT_EQ(sent[1].records[0].time, 1500U);
    EXPECT_EQ(sent[2].header.cpu, ChunkHeader::end_of_dump);
    EXPECT_EQ(sent[2].header.count, 0);
    EXPECT_FALSE(stream_.is_under_way());
}

TEST_F(TraceStream, SendsNothingTwice) {
    write(0, 0, 3);
    EXPECT_EQ(dump().size(), 2U);
    EXPECT_EQ(dump().size(), 1U);
    write(0, 3, 4);
    const auto sent = dump();
    ASSERT_EQ(sent.size(), 2U);
    ASSERT_EQ(sent[0].header.count, 1);
    EXPECT_EQ(sent[0].records[0].time, 3U);
}

TEST_F(TraceStream, SplitsWhatIsLong) {
    write(0, 0, 100);
    const auto sent = dump();
    ASSERT_EQ(sent.size(), 4U);
    u64 next = 0;
    for (const Chunk& chunk : sent) {
        for (const Record& record : chunk.records) {
            EXPECT_EQ(record.time, next++);
        }
    }
    EXPECT_EQ(next, 100U);
}

TEST_F(TraceStream, TellsWhatWasLost) {
    write(0, 0, 10);
    (void)dump();
    write(0, 10, 300);
    const auto sent = dump();
    EXPECT_EQ(sent[0].records[0].time, 300U - 127U);
    EXPECT_EQ(sent[0].header.lost, 163U);
    EXPECT_EQ(sent.back().header.lost, 163U);
    EXPECT_EQ(stream_.lost(), 163U);
}

TEST_F(TraceStream, GoesOnBehindAGapThatComesWhileItIsSent) {
    write(0, 0, 100);
    stream_.begin();
    std::array<u8, Stream::chunk_bytes> bytes;
    ASSERT_NE(stream_.fill(bytes), 0U);
    write(0, 100, 190);
    const auto sent = chunks();
    ASSERT_GE(sent.size(), 2U);
    EXPECT_EQ(sent[0].records[0].time, 63U) << "the oldest that is left";
    EXPECT_EQ(sent[0].header.lost, 63U - Stream::chunk_records);
    EXPECT_EQ(sent[sent.size() - 2].records.back().time, 99U) << "what came after begin() is for the next dump";
}

} // namespace
} // namespace trv::trace
