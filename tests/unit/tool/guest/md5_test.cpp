// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/md5.hpp"

#include <gtest/gtest.h>

namespace trv::guest {
namespace {

std::string md5(std::string_view text) {
    Md5 sum;
    sum.add(text);
    return sum.finish();
}

TEST(Md5, MatchesTheStandardsExamples) { // RFC 1321 A.5
    EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
              "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, DoesNotCareHowTheBytesArrive) {
    const std::string text(200, 'x');
    for (const std::size_t first : {0U, 1U, 55U, 56U, 63U, 64U, 65U, 199U}) {
        Md5 sum;
        sum.add(std::string_view(text).substr(0, first));
        sum.add(std::string_view(text).substr(first));
        EXPECT_EQ(sum.finish(), md5(text)) << first;
    }
}

} // namespace
} // namespace trv::guest
