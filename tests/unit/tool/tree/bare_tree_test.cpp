// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/bare_tree.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <array>

namespace trv::tool::tree {
namespace {

std::string hardware() {
    std::array<char, 4096> blob{};
    fdt_create_empty_tree(blob.data(), blob.size());
    fdt_add_subnode(blob.data(), 0, "chosen");
    fdt_pack(blob.data());
    return {blob.data(), fdt_totalsize(blob.data())};
}

std::string property(const std::string& tree, const char* path, const char* name) {
    int length = 0;
    const void* value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), path), name, &length);
    return value == nullptr ? "absent" : std::string(static_cast<const char*>(value), static_cast<std::size_t>(length));
}

using namespace std::string_literals;

TEST(BareTree, TellsLinuxWhereItsRamDiskIs) {
    const auto tree =
        bare_tree(hardware(), {.file = "initrd", .address = 0x6340'0000, .size = 0x70'0000}, "console=hvc0");
    ASSERT_TRUE(tree) << to_string(tree.error());
    EXPECT_EQ(property(*tree, "/chosen", "bootargs"), "console=hvc0\0"s);
    EXPECT_EQ(property(*tree, "/chosen", "linux,initrd-start"), "\0\0\0\0\x63\x40\0\0"s);
    EXPECT_EQ(property(*tree, "/chosen", "linux,initrd-end"), "\0\0\0\0\x63\xb0\0\0"s);
}

} // namespace
} // namespace trv::tool::tree
