// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/flash_image.hpp"

#include <gtest/gtest.h>

namespace trv::tool::firmware {
namespace {

constexpr std::size_t fip_offset = 0x40000;
constexpr FlashLayout layout{.fip_offset = fip_offset, .size = 0x100000};

TEST(FlashImage, HasBl1AtItsStartAndTheFipBehindIt) {
    const Result<std::string> flash = compose_flash(layout, "bl1", "fip");
    ASSERT_TRUE(flash);
    EXPECT_EQ(flash->size(), fip_offset + 3);
    EXPECT_EQ(flash->substr(0, 4), "bl1\xff");
    EXPECT_EQ(flash->substr(fip_offset), "fip");
}

TEST(FlashImage, RefusesABl1ThatReachesIntoTheFip) {
    EXPECT_TRUE(compose_flash(layout, std::string(fip_offset, 'x'), "fip"));
    EXPECT_FALSE(compose_flash(layout, std::string(fip_offset + 1, 'x'), "fip"));
}

TEST(FlashImage, RefusesEmptyParts) {
    EXPECT_FALSE(compose_flash(layout, "", "fip"));
    EXPECT_FALSE(compose_flash(layout, "bl1", ""));
}

TEST(FlashImage, RefusesAFipThatReachesBeyondTheFlash) {
    EXPECT_TRUE(compose_flash(layout, "bl1", std::string(layout.size - fip_offset, 'x')));
    EXPECT_FALSE(compose_flash(layout, "bl1", std::string(layout.size - fip_offset + 1, 'x')));
}

} // namespace
} // namespace trv::tool::firmware
