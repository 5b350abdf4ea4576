// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/installation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::packages {
namespace {

TEST(Installation, HasTheFilesThatAptWouldInstall) {
    EXPECT_THAT(installed_files("Reading package lists...\n"
                                "Inst libc6 (2.41-12 Debian:13.8/stable [arm64]) []\n"
                                "Inst base-files (13.8+deb13u8 Debian:13.8/stable [arm64])\n"
                                "Inst tzdata (2:2026a-1 Debian:13.8/stable [all])\n"
                                "Conf libc6 (2.41-12 Debian:13.8/stable [arm64])\n"),
                testing::ElementsAre("base-files_13.8+deb13u8_arm64.deb", "libc6_2.41-12_arm64.deb",
                                     "tzdata_2%3a2026a-1_all.deb"));
    EXPECT_THAT(installed_files("Inst\nInst x\nInst x (1\nInst x [arm64])\n"), testing::IsEmpty());
}

} // namespace
} // namespace trv::tool::packages
