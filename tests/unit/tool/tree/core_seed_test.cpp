// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/core_seed.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <array>

namespace trv::tool::tree {
namespace {

bool has(const std::string& tree, const char* node, const char* property) {
    return fdt_getprop(tree.data(), fdt_path_offset(tree.data(), node), property, nullptr) != nullptr;
}

std::string tree_with_seeds(const char* node) {
    alignas(8) std::array<char, 4096> blob{};
    fdt_create_empty_tree(blob.data(), blob.size());
    const int offset = fdt_add_subnode(blob.data(), 0, node);
    fdt_setprop_u64(blob.data(), offset, "rng-seed", 1);
    fdt_setprop_u64(blob.data(), offset, "kaslr-seed", 2);
    fdt_pack(blob.data());
    return {blob.data(), fdt_totalsize(blob.data())};
}

TEST(CoreSeed, IsRemovedAndNoOtherSeed) {
    const auto tree = remove_core_seed(tree_with_seeds("secure-chosen"));
    ASSERT_TRUE(tree) << to_string(tree.error());
    EXPECT_FALSE(has(*tree, "/secure-chosen", "kaslr-seed"));
    EXPECT_TRUE(has(*tree, "/secure-chosen", "rng-seed"));
}

TEST(CoreSeed, IsNotThatOfTheNormalWorld) {
    const auto tree = remove_core_seed(tree_with_seeds("chosen"));
    ASSERT_TRUE(tree) << to_string(tree.error());
    EXPECT_TRUE(has(*tree, "/chosen", "kaslr-seed"));
}

} // namespace
} // namespace trv::tool::tree
