// SPDX-License-Identifier: Apache-2.0
#include "tool/tee/tee_line.hpp"

#include <gtest/gtest.h>

namespace trv::tool::tee {
namespace {

TEST(TeeLine, KnowsWhoSpeaks) {
    EXPECT_EQ(parse_tee_line("I/TA: got 42")->source, TeeLine::Source::TrustedApplication);
    EXPECT_EQ(parse_tee_line("E/LD:  Call stack:")->source, TeeLine::Source::Loader);
    EXPECT_EQ(parse_tee_line("D/TC:2 ? 0 tee_ta_close_session:480 x")->guest, 2U);
    EXPECT_EQ(parse_tee_line("D/TC:0 1   periodic")->guest, std::nullopt);
    EXPECT_EQ(parse_tee_line("I/TC: Primary CPU")->guest, std::nullopt);
    EXPECT_FALSE(parse_tee_line("PANIC at PC"));
    EXPECT_FALSE(parse_tee_line(""));
}

TEST(TeeLine, ShowsTrustedApplicationsAndErrors) {
    EXPECT_TRUE(is_interesting("D/TA:  f:1 hello"));
    EXPECT_TRUE(is_interesting("E/TC:1 ? 0 TA panicked with code 0x77"));
    EXPECT_FALSE(is_interesting("E/TC:1 ? 0 "));
    EXPECT_FALSE(is_interesting("E/LD:  Call stack:"));
    EXPECT_FALSE(is_interesting("D/TC:1 ? 0 x"));
}

TEST(OthersLines, AreThoseThatSaySo) {
    OthersLines others;
    others.on_guest(1);
    EXPECT_TRUE(others.has("E/TC:2 ? 0 x"));
    EXPECT_FALSE(others.has("E/TC:1 ? 0 x"));
    EXPECT_FALSE(others.has("E/TC:0 1 x"));
    EXPECT_FALSE(others.has("I/TA: x"));
    EXPECT_FALSE(OthersLines().has("E/TC:2 ? 0 x"));
}

TEST(OthersLines, TheCallStackOfAPanicBelongsToIt) {
    OthersLines others;
    others.on_guest(1);
    EXPECT_FALSE(others.has("E/LD:  Call stack:"));
    EXPECT_TRUE(others.has("E/TC:2 ? 0 TA panicked with code 0x77"));
    EXPECT_FALSE(others.has("I/TA: x")) << "the line does not say whose it is";
    EXPECT_TRUE(others.has("E/LD:  Call stack:"));
    EXPECT_FALSE(others.has("E/TC:1 ? 0 TA panicked with code 0x77"));
    EXPECT_FALSE(others.has("E/LD:  Call stack:"));
}

} // namespace
} // namespace trv::tool::tee
