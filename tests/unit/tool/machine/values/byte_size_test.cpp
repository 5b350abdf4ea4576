// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/byte_size.hpp"

#include <gtest/gtest.h>

namespace trv::tool::machine {
namespace {

TEST(ByteSize, ReadsUnits) {
    EXPECT_EQ(parse_size("64KiB"), 64U << 10);
    EXPECT_EQ(parse_size("512MiB"), 512U << 20);
    EXPECT_EQ(parse_size("2 GiB"), 2ULL << 30);
}

TEST(ByteSize, RefusesEverythingElse) {
    for (const char* text : {"", "MiB", "512", "512MB", "512 mib", "-1MiB", "1.5GiB", "1GiB ",
                             "99999999999999999999KiB", "18446744073709551615GiB"}) {
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
    }
}

TEST(ByteSize, WritesTheLargestUnitThatFits) {
    EXPECT_EQ(format_size(2ULL << 30), "2GiB");
    EXPECT_EQ(format_size(1536ULL << 20), "1536MiB");
    EXPECT_EQ(format_size(4096), "4KiB");
    EXPECT_EQ(format_size(1000), "1000 bytes");
    EXPECT_EQ(format_size(0), "0 bytes");
}

} // namespace
} // namespace trv::tool::machine
