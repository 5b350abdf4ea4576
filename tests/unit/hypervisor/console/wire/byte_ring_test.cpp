// SPDX-License-Identifier: Apache-2.0
#include "console/wire/byte_ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>

namespace trv::console {
namespace {

TEST(ByteRing, IsAQueueOfItsCapacity) {
    std::array<u8, 4> room{};
    ByteRing ring(room);
    EXPECT_TRUE(ring.empty());
    for (u8 round = 0; round < 10; ++round) {
        for (u8 i = 0; i < 4; ++i) {
            EXPECT_EQ(ring.space(), 4U - i);
            EXPECT_TRUE(ring.push(static_cast<u8>(round + i)));
        }
        EXPECT_FALSE(ring.push(0));
        for (u8 i = 0; i < 4; ++i) {
            EXPECT_EQ(ring.pop(), round + i);
        }
    }
}

TEST(ByteRing, TakesATextAcrossItsEnd) {
    std::array<u8, 8> room{};
    ByteRing ring(room);
    ring.push("12345");
    for (int i = 0; i < 5; ++i) {
        ring.pop();
    }
    ring.push("abcdef");
    EXPECT_EQ(ring.written(), 11U);
    std::string got;
    while (!ring.empty()) {
        got.push_back(static_cast<char>(ring.pop()));
    }
    EXPECT_EQ(got, "abcdef");
    ring.push("xy");
    ring.clear();
    EXPECT_EQ(ring.space(), 8U);
}

// One thread on each side: every byte arrives, in order, and neither side ever sees more than there is.
TEST(ByteRing, CarriesAllBytesFromOneThreadToAnother) {
    constexpr u32 count = 20'000;
    std::array<u8, 64> room{};
    ByteRing ring(room);
    std::thread writer([&] {
        for (u32 i = 0; i < count;) {
            if (ring.push(static_cast<u8>(i * 7))) {
                ++i;
            } else {
                std::this_thread::yield();
            }
            EXPECT_LE(ring.size(), 64U);
        }
    });
    for (u32 i = 0; i < count;) {
        if (ring.empty()) {
            std::this_thread::yield();
        } else {
            ASSERT_EQ(ring.pop(), static_cast<u8>(i * 7));
            ++i;
        }
    }
    writer.join();
    EXPECT_TRUE(ring.empty());
}

} // namespace
} // namespace trv::console
