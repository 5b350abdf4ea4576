// SPDX-License-Identifier: Apache-2.0
#include "tool/support/text_table.hpp"

#include <gtest/gtest.h>

namespace trv::tool {
namespace {

TEST(TextTable, AlignsColumns) {
    TextTable table{{"a", "head"}};
    table.add({"long cell", "b"});
    table.add({"", ""});
    EXPECT_EQ(table.text(), "a          head\nlong cell  b\n\n");
}

} // namespace
} // namespace trv::tool
