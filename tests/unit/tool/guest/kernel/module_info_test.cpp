// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/module_info.hpp"

#include <gtest/gtest.h>

namespace trv::tool::guest {
namespace {

using Names = std::vector<std::string>;

TEST(ModuleInfo, NamesAreTheKernels) {
    EXPECT_EQ(module_name("optee.ko.xz"), "optee");
    EXPECT_EQ(module_name("kernel/net/vmw-vsock.ko"), "vmw_vsock");
    EXPECT_EQ(module_name(""), "");
}

TEST(ModuleInfo, FindsDependencies) {
    const std::string module("ELF\0license=GPL\0depends=tee,vmw-vsock\0name=optee\0", 49);
    EXPECT_EQ(module_dependencies(module), (Names{"tee", "vmw_vsock"}));
}

TEST(ModuleInfo, AModuleMayNeedNone) {
    EXPECT_EQ(module_dependencies(std::string("\0depends=\0", 10)), Names{});
    EXPECT_EQ(module_dependencies("no module"), Names{});
    EXPECT_EQ(module_dependencies(std::string("\0depends=tee", 12)), Names{"tee"}); // cut off
}

TEST(ModuleInfo, KnowsBuiltInModules) {
    EXPECT_TRUE(is_built_in("kernel/drivers/tee/tee.ko\nkernel/x/virtio-blk.ko\n", "virtio_blk"));
    EXPECT_FALSE(is_built_in("kernel/drivers/tee/tee.ko\n", "optee"));
}

} // namespace
} // namespace trv::tool::guest
