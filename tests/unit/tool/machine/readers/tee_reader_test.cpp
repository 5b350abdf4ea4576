// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/tee_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::machine {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Result<std::optional<TeeDescription>> read(const std::string& text) {
    const toml::table table = toml::parse(text);
    return read_tee(TableReader{table, "m.toml", "vm.alpha"});
}

std::string refusal(const std::string& text) {
    const auto tee = read(text);
    return tee ? "accepted" : to_string(tee.error());
}

const std::string hello = "\"8aaaf200-2450-11e4-abe2-0002a5d5c51b\"";

TEST(TeeReader, ReadsATruth) {
    EXPECT_TRUE(read("tee = true")->has_value());
    EXPECT_FALSE(read("tee = false")->has_value());
    EXPECT_FALSE(read("")->has_value());
}

TEST(TeeReader, ReadsATable) {
    const auto tee = read("[tee]\nallow = [" + hello +
                          "]\ndeny = [\"d96a5b40-e2c7-b1af-8794-1002a5d5c61b\"]\ndefault = \"deny\"\n"
                          "max_sessions = 10\npinned_pages = 20\nbuffers = 30\ncalls = 2\nmapped_pages = 50\n");
    ASSERT_TRUE(tee && *tee);
    EXPECT_EQ((*tee)->allow.size(), 1U);
    EXPECT_EQ((*tee)->deny.front()[0], 0xd9);
    EXPECT_EQ((*tee)->otherwise, contract::TeeDefault::Deny);
    EXPECT_EQ((*tee)->max_sessions, 10U);
    EXPECT_EQ((*tee)->pinned_pages, 20U);
    EXPECT_EQ((*tee)->buffers, 30U);
    EXPECT_EQ((*tee)->calls, 2U);
    EXPECT_EQ((*tee)->mapped_pages, 50U);
}

TEST(TeeReader, AnEmptyTableIsTrue) {
    const auto tee = read("tee = {}");
    ASSERT_TRUE(tee && *tee);
    EXPECT_EQ((*tee)->otherwise, contract::TeeDefault::Allow);
    EXPECT_EQ((*tee)->calls, std::nullopt);
}

TEST(TeeReader, NamesMistakes) {
    EXPECT_THAT(refusal("tee = 3"), HasSubstr("vm.alpha.tee: must be true, false or a table"));
    EXPECT_THAT(refusal("[tee]\nalow = []"), StartsWith("m.toml:2:1: vm.alpha.tee.alow: unknown key. Did you mean"));
    EXPECT_THAT(refusal("[tee]\nallow = [\"xtest\"]"), HasSubstr("vm.alpha.tee.allow: 'xtest' is not a UUID"));
    EXPECT_THAT(refusal("[tee]\nallow = " + hello), HasSubstr("must be a list of strings"));
    EXPECT_THAT(refusal("[tee]\nallow = [3]"), HasSubstr("must be a list of strings"));
    EXPECT_THAT(refusal("[tee]\ndefault = \"maybe\""), HasSubstr("is not one of allow, deny"));
    EXPECT_THAT(refusal("[tee]\nmax_sessions = 0"), HasSubstr("from 1 to 4096"));
    EXPECT_THAT(refusal("[tee]\npinned_pages = 1048577"), HasSubstr("from 1 to 1048576"));
    EXPECT_THAT(refusal("[tee]\nbuffers = 5000"), HasSubstr("from 1 to 4096"));
    EXPECT_THAT(refusal("[tee]\ncalls = 9"), HasSubstr("from 1 to 8"));
    EXPECT_THAT(refusal("[tee]\nmapped_pages = 1281"), HasSubstr("from 1 to 1280"));
    EXPECT_THAT(refusal("[tee]\nallow = [" + hello + "]\ndeny = [" + hello + "]"), HasSubstr("is also in `deny`"));
}

TEST(TeeReader, TakesThirtyTwoRules) {
    std::string rules;
    for (int count = 0; count < 32; ++count) {
        rules += hello + ", ";
    }
    EXPECT_EQ(refusal("[tee]\ndeny = [" + rules + "]"), "accepted");
    EXPECT_THAT(refusal("[tee]\ndeny = [" + rules + hello + "]"), HasSubstr("has 33 UUIDs. Name at most 32"));
}

} // namespace
} // namespace trv::tool::machine
