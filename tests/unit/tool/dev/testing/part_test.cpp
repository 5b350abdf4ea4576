// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/part.hpp"
#include "tool/dev/testing/suites.hpp"

#include <gtest/gtest.h>

namespace trv::tool::dev::testing {
namespace {

TEST(Parts, HaveEachFileOnce) {
    for (std::size_t place = 0; place < 50; ++place) {
        unsigned owners = 0;
        for (unsigned number = 1; number <= 4; ++number) {
            owners += Part{.number = number, .count = 4}.has_file(place) ? 1 : 0;
        }
        EXPECT_EQ(owners, 1U) << place;
    }
    EXPECT_TRUE(Part{}.has_file(7)) << "the only part";
}

TEST(Parts, OtherThanTheFirstHaveSystemTestsOnly) {
    EXPECT_TRUE((TestOptions{.part = {.number = 1, .count = 2}}.wants("unit")));
    EXPECT_FALSE((TestOptions{.part = {.number = 2, .count = 2}}.wants("fuzz")));
    EXPECT_TRUE((TestOptions{.part = {.number = 2, .count = 2}}.wants("system")));
}

TEST(Parts, AreWrittenAsNumberAndCount) {
    const auto part = parse_part("2/4");
    ASSERT_TRUE(part);
    EXPECT_EQ(part->number, 2U);
    EXPECT_EQ(part->count, 4U);
    for (const char* text :
         {"", "2", "2/", "/4", "0/4", "5/4", "2/4/", "a/4", "2/b", "-1/4", "2 /4", "99999999999/4"}) {
        EXPECT_FALSE(parse_part(text)) << text;
    }
}

} // namespace
} // namespace trv::tool::dev::testing
