// SPDX-License-Identifier: Apache-2.0
#include "trace/ring.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace trv::trace {
namespace {

Record numbered(u64 n) {
    return {.time = n,
            .kind = Kind::Wake,
            .vm = static_cast<u8>(n),
            .vcpu = 3,
            .detail = 4,
            .a = static_cast<u32>(2 * n),
            .b = 3 * n};
}

bool is_numbered(const Record& record, u64 n) {
    return record.time == n && record.kind == Kind::Wake && record.vm == static_cast<u8>(n) && record.vcpu == 3 &&
           record.detail == 4 && record.a == static_cast<u32>(2 * n) && record.b == 3 * n;
}

TEST(TraceRing, KeepsWhatFits) {
    Ring ring;
    EXPECT_FALSE(ring.create(23));
    ASSERT_TRUE(ring.create(24 * 11));
    EXPECT_EQ(ring.capacity(), 8U) << "a power of two";
    EXPECT_EQ(ring.written(), 0U);
    EXPECT_EQ(ring.oldest(), 0U);
    for (u64 n = 0; n < 7; ++n) {
        ring.write(numbered(n));
    }
    EXPECT_EQ(ring.written(), 7U);
    EXPECT_EQ(ring.oldest(), 0U);
    for (u64 n = 0; n < 7; ++n) {
        Record record;
        ASSERT_TRUE(ring.read(n, record));
        EXPECT_TRUE(is_numbered(record, n));
    }
}

TEST(TraceRing, OverwritesTheOldest) {
    Ring ring;
    ASSERT_TRUE(ring.create(8 * sizeof(Record)));
    for (u64 n = 0; n < 100; ++n) {
        ring.write(numbered(n));
    }
    EXPECT_EQ(ring.oldest(), 93U);
    Record record;
    EXPECT_FALSE(ring.read(91, record));
    EXPECT_FALSE(ring.read(92, record)) << "its place is the next to be written";
    ASSERT_TRUE(ring.read(93, record));
    EXPECT_TRUE(is_numbered(record, 93));
    ASSERT_TRUE(ring.read(99, record));
    EXPECT_TRUE(is_numbered(record, 99));
}

TEST(TraceRing, NeverShowsHalfARecordToAnotherCpu) {
    constexpr u64 count = 300'000;
    Ring ring;
    ASSERT_TRUE(ring.create(16 * sizeof(Record)));
    u64 seen = 0;
    std::thread reader([&] {
        u64 next = 0;
        while (next < count) {
            next = std::max(next, ring.oldest());
            if (next == ring.written()) {
                std::this_thread::yield();
                continue;
            }
            Record record;
            if (ring.read(next, record)) {
                ASSERT_TRUE(is_numbered(record, next));
                ++seen;
                ++next;
            }
        }
    });
    for (u64 n = 0; n < count; ++n) {
        ring.write(numbered(n));
    }
    reader.join();
    EXPECT_GT(seen, 0U);
}

} // namespace
} // namespace trv::trace
