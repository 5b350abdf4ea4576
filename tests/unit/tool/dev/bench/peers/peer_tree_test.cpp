// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/peers/peer_tree.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <array>

namespace trv::tool::dev::bench {
namespace {

std::string hardware() {
    std::array<char, 4096> blob{};
    fdt_create_empty_tree(blob.data(), blob.size());
    fdt_add_subnode(blob.data(), 0, "chosen");
    fdt_pack(blob.data());
    return {blob.data(), fdt_totalsize(blob.data())};
}

GuestBoot linux_boot() {
    return {.kernel = {.file = "Image", .address = 0x6100'0000, .size = 0x230'0000},
            .ramdisk = tree::Module{.file = "initrd", .address = 0x6340'0000, .size = 0x70'0000},
            .bootargs = "console=hvc0"};
}

std::string property(const std::string& tree, const char* path, const char* name) {
    int length = 0;
    const void* value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), path), name, &length);
    return value == nullptr ? "absent" : std::string(static_cast<const char*>(value), static_cast<std::size_t>(length));
}

using namespace std::string_literals;

TEST(PeerTree, TellsXenItsModules) {
    const auto tree = xen_tree(hardware(), linux_boot(), 0x4000'0000, 2);
    ASSERT_TRUE(tree) << to_string(tree.error());
    EXPECT_EQ(property(*tree, "/chosen", "xen,dom0-bootargs"), "console=hvc0\0"s);
    EXPECT_NE(property(*tree, "/chosen", "xen,xen-bootargs").find("dom0_mem=1024M dom0_max_vcpus=2"),
              std::string::npos);
    EXPECT_EQ(property(*tree, "/chosen/module@61000000", "compatible"), "multiboot,kernel\0multiboot,module\0"s);
    EXPECT_EQ(property(*tree, "/chosen/module@63400000", "compatible"), "multiboot,ramdisk\0multiboot,module\0"s);
    EXPECT_EQ(property(*tree, "/chosen/module@63400000", "reg"), "\0\0\0\0\x63\x40\0\0\0\0\0\0\0\x70\0\0"s);
}

} // namespace
} // namespace trv::tool::dev::bench
