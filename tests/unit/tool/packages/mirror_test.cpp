// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/mirror.hpp"

#include <gtest/gtest.h>

namespace trv::tool::packages {
namespace {

TEST(Mirror, IsTheOneWithDebiansReleaseAndMain) {
    EXPECT_EQ(choose_mirror("http://vendor.example/ nodistro main\n"
                            "http://vendor.example/debian/ bookworm stable\n"
                            "http://mirror.example/debian-security/ bookworm-security main\n"
                            "http://mirror.example/debian/ bookworm-updates main\n"
                            "http://mirror.example/debian/ bookworm main\n"),
              "http://mirror.example/debian/");
}

TEST(Mirror, MayBeAbsent) {
    EXPECT_EQ(choose_mirror(""), std::nullopt);
    EXPECT_EQ(choose_mirror("http://vendor.example/ nodistro main\n"), std::nullopt);
}

} // namespace
} // namespace trv::tool::packages
