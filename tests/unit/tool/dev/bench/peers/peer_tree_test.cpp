// SPDX-License-Identifier: Apache-2.0
#include "../../../tree/tree_blob.hpp"
#include "tool/dev/bench/peers/peer_tree.hpp"

#include <gtest/gtest.h>

namespace trv::tool::dev::bench {
namespace {

GuestBoot linux_boot() {
    return {.kernel = {.file = "Image", .address = 0x6100'0000, .size = 0x230'0000},
            .ramdisk = tree::Module{.file = "initrd", .address = 0x6340'0000, .size = 0x70'0000},
            .bootargs = "console=hvc0"};
}

using namespace std::string_literals;
using tree::property;

TEST(PeerTree, TellsXenItsModules) {
    const auto tree = xen_tree(tree::empty_hardware(), linux_boot(), 0x4000'0000, 2);
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
