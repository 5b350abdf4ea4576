// SPDX-License-Identifier: Apache-2.0
#include "tool/console/printable.hpp"

#include <gtest/gtest.h>

namespace trv::tool::console {
namespace {

TEST(Printable, LeavesTextAlone) {
    EXPECT_EQ(printable("a\tb äö €"), "a\tb äö €");
}

TEST(Printable, DropsWhatMovesTheCursor) {
    EXPECT_EQ(printable("\x1b[2J\x1b[1;31mred\x1b[0m\x1b"
                        "c\a\b.\x7f"),
              "red.");
    EXPECT_EQ(printable("cut off\x1b[1;3"), "cut off");
    EXPECT_EQ(printable("\x1b"), "");
}

} // namespace
} // namespace trv::tool::console
