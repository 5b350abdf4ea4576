// SPDX-License-Identifier: Apache-2.0
#include "lib/format.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace trv {
namespace {

template <typename... Arguments>
std::string formatted(std::string_view pattern, const Arguments&... arguments) {
    char buffer[128];
    return std::string(format_to(buffer, pattern, arguments...));
}

TEST(Format, WritesNumbers) {
    EXPECT_EQ(formatted("{} {} {}", 0U, u8{200}, std::numeric_limits<u64>::max()), "0 200 18446744073709551615");
    EXPECT_EQ(formatted("{} {}", -1, std::numeric_limits<i64>::min()), "-1 -9223372036854775808");
    EXPECT_EQ(formatted("{}", i32{7}), "7");
}

TEST(Format, WritesHexadecimal) {
    EXPECT_EQ(formatted("{} {} {}", hex(0), hex(0xabc), hex(~u64{0})), "0x0 0xabc 0xffffffffffffffff");
    EXPECT_EQ(formatted("{} {}", hex(0xabc, 8), hex(0x12345, 2)), "0x00000abc 0x12345") << "padded, never cut";
    EXPECT_EQ(formatted("{}", Ipa(0x4000'0000)), "0x40000000");
}

TEST(Format, WritesTexts) {
    EXPECT_EQ(formatted("{}{}{}", "a", std::string_view("bc"), true), "abcyes");
    EXPECT_EQ(formatted("{}", Error::NoMemory), "out of memory");
}

TEST(Format, LeavesOtherBracesAlone) {
    EXPECT_EQ(formatted("{ } {x} {"), "{ } {x} {");
    EXPECT_EQ(formatted("{} {}", 1U), "1 {}") << "an argument is missing";
    EXPECT_EQ(formatted("{}", 1U, 2U), "1") << "one too many";
}

TEST(Format, CutsWhatDoesNotFit) {
    char buffer[6] = {'~', '~', '~', '~', '~', '~'};
    EXPECT_EQ(format_to(std::span(buffer).first(5), "ab{}", 123456U), "ab123");
    EXPECT_EQ(buffer[5], '~');
    EXPECT_EQ(format_to(std::span<char>(), "ab{}", 1U), "");
}

TEST(Format, NeverTakesAnArgumentForAPattern) {
    EXPECT_EQ(formatted("{} {}", "{}", 1U), "{} 1");
}

} // namespace
} // namespace trv
