// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/bare_tree.hpp"
#include "tree_blob.hpp"

#include <gtest/gtest.h>

namespace trv::tool::tree {
namespace {

using namespace std::string_literals;

TEST(BareTree, TellsLinuxWhereItsRamDiskIs) {
    const auto tree =
        bare_tree(empty_hardware(), {.file = "initrd", .address = 0x6340'0000, .size = 0x70'0000}, "console=hvc0");
    ASSERT_TRUE(tree) << to_string(tree.error());
    EXPECT_EQ(property(*tree, "/chosen", "bootargs"), "console=hvc0\0"s);
    EXPECT_EQ(property(*tree, "/chosen", "linux,initrd-start"), "\0\0\0\0\x63\x40\0\0"s);
    EXPECT_EQ(property(*tree, "/chosen", "linux,initrd-end"), "\0\0\0\0\x63\xb0\0\0"s);
}

} // namespace
} // namespace trv::tool::tree
