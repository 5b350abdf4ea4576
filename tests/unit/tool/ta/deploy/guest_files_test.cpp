// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/guest_files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

TEST(GuestFiles, RequestsAreLinesThatFitTheVmsUart) {
    const GuestFile file{.path = "/bin/x", .mode = 0755, .content = "foo"};
    EXPECT_EQ(put_request(5, file), "put 5 755 3 L2Jpbi94\n");
    EXPECT_EQ(data_request(5, "foo"), "data 5 Zm9v\n");
    EXPECT_EQ(copy_request(5, {.bytes = "foo", .in_old = true, .old_offset = 9}), "copy 5 9 3\n");
    EXPECT_LT(data_request(4'000'000'000, std::string(longest_piece, 'x')).size(), 4096U);
}

} // namespace
} // namespace trv::tool::ta
