// SPDX-License-Identifier: Apache-2.0
#include "lib/checked.hpp"

#include <gtest/gtest.h>

namespace trv {
namespace {

constexpr u64 most = ~u64{0};

TEST(Checked, RefusesSumsThatWrap) {
    EXPECT_EQ(checked_add(most - 1, u64{1}), most);
    EXPECT_EQ(checked_add(most, u64{1}).error(), Error::Overflow);
    EXPECT_EQ(checked_add(u32{0xffff'ffff}, u32{1}).error(), Error::Overflow) << "in the type's own width";
    EXPECT_EQ(checked_add(u8{250}, u8{5}), u8{255});
}

TEST(Checked, RefusesProductsThatWrap) {
    EXPECT_EQ(checked_multiply(u64{1} << 32, (u64{1} << 32) - 1), most - (u64{1} << 32) + 1);
    EXPECT_EQ(checked_multiply(u64{1} << 32, u64{1} << 32).error(), Error::Overflow);
    EXPECT_EQ(checked_multiply(most, u64{0}), 0U);
}

TEST(Checked, MakesOnlyRangesThatAreSome) {
    EXPECT_EQ(make_range(Ipa(1), 0).error(), Error::Invalid);
    EXPECT_EQ(make_range(Ipa(most), 2).error(), Error::Overflow);
    EXPECT_TRUE(make_range(Ipa(most), 1)) << "the last byte there is";
    EXPECT_EQ(make_range(Ipa(16), 32), (IpaRange{Ipa(16), 32}));
}

TEST(Checked, Aligns) {
    EXPECT_EQ(align_up(0, 4096), 0U);
    EXPECT_EQ(align_up(1, 4096), 4096U);
    EXPECT_EQ(align_up(4096, 4096), 4096U);
    EXPECT_EQ(align_down(8191, 4096), 4096U);
    EXPECT_TRUE(is_aligned(4096, 4096));
    EXPECT_FALSE(is_aligned(4097, 4096));
}

TEST(Range, KnowsWhatItContains) {
    constexpr IpaRange range{Ipa(0x1000), 0x1000};
    EXPECT_TRUE(range.contains(Ipa(0x1000)));
    EXPECT_TRUE(range.contains(Ipa(0x1fff)));
    EXPECT_FALSE(range.contains(Ipa(0x2000)));
    EXPECT_FALSE(range.contains(Ipa(0xfff)));
    EXPECT_TRUE(range.contains(range));
    EXPECT_FALSE(range.contains(IpaRange{Ipa(0x1001), 0x1000}));
    EXPECT_FALSE(range.contains(IpaRange{Ipa(0x1800), most})) << "a size that would wrap";
}

TEST(Range, KnowsWhatItOverlaps) {
    constexpr IpaRange range{Ipa(0x1000), 0x1000};
    EXPECT_TRUE(range.overlaps({Ipa(0x1fff), 1}));
    EXPECT_TRUE(range.overlaps({Ipa(0), 0x1001}));
    EXPECT_FALSE(range.overlaps({Ipa(0x2000), 1}));
    EXPECT_FALSE(range.overlaps({Ipa(0), 0x1000}));
    EXPECT_FALSE(range.overlaps({Ipa(0x1800), 0})) << "nothing overlaps nothing";
}

} // namespace
} // namespace trv
