// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/flash_image.hpp"

#include <gtest/gtest.h>

namespace trv::tool::firmware {
namespace {

TEST(FlashImage, HasBl1AtItsStartAndTheFipBehindIt) {
    const Result<std::string> flash = compose_flash("bl1", "fip");
    ASSERT_TRUE(flash);
    EXPECT_EQ(flash->size(), fip_offset + 3);
    EXPECT_EQ(flash->substr(0, 4), "bl1\xff");
    EXPECT_EQ(flash->substr(fip_offset), "fip");
}

TEST(FlashImage, RefusesABl1ThatReachesIntoTheFip) {
    EXPECT_TRUE(compose_flash(std::string(fip_offset, 'x'), "fip"));
    EXPECT_FALSE(compose_flash(std::string(fip_offset + 1, 'x'), "fip"));
}

TEST(FlashImage, RefusesEmptyParts) {
    EXPECT_FALSE(compose_flash("", "fip"));
    EXPECT_FALSE(compose_flash("bl1", ""));
}

} // namespace
} // namespace trv::tool::firmware
