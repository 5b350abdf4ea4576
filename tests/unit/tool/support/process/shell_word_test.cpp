// SPDX-License-Identifier: Apache-2.0
#include "tool/support/process/process.hpp"

#include <gtest/gtest.h>

namespace trv::tool {
namespace {

TEST(ShellWord, SurvivesTheShell) {
    EXPECT_EQ(shell_word("a b"), "'a b'");
    EXPECT_EQ(shell_word("it's"), R"('it'\''s')");
    EXPECT_EQ(shell_word(""), "''");
}

} // namespace
} // namespace trv::tool
