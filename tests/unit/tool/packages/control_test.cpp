// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/control.hpp"

#include <gtest/gtest.h>

namespace trv::tool::packages {
namespace {

TEST(Control, HasParagraphsOfFields) {
    const auto paragraphs =
        parse_control("Package: a\nVersion: 1:2-3\n\n\nPackage: b\nDescription: short\n long\n .\n");
    ASSERT_EQ(paragraphs.size(), 2U);
    EXPECT_EQ(paragraphs[0].at("Version"), "1:2-3");
    EXPECT_EQ(paragraphs[1].at("Description"), "short\nlong\n.");
}

TEST(Control, SurvivesWhatIsNotControl) {
    EXPECT_TRUE(parse_control("").empty());
    EXPECT_TRUE(parse_control("no colon\n continued\n").empty());
    EXPECT_EQ(parse_control("A:").at(0).at("A"), "");
}

TEST(Control, FindsTheKernelAMetaPackageDependsOn) {
    EXPECT_EQ(first_dependency("linux-base (>= 4), linux-image-6.12-arm64 (= 6.12-1)", "linux-image-"),
              "linux-image-6.12-arm64");
    EXPECT_EQ(first_dependency("linux-image-x", "linux-image-"), "linux-image-x");
    EXPECT_EQ(first_dependency("libc6", "linux-image-"), "");
    EXPECT_EQ(first_dependency("", "linux-image-"), "");
}

} // namespace
} // namespace trv::tool::packages
