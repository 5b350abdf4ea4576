// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/fixed_seed.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <array>

namespace trv::tool::tree {
namespace {

std::string seed_of(const std::string& tree, const char* name) {
    int length = 0;
    const void* value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), "/chosen"), name, &length);
    return value == nullptr ? "absent" : std::string(static_cast<const char*>(value), static_cast<std::size_t>(length));
}

TEST(FixedSeed, IsAddedToAChosenNodeThatIsThereOrNot) {
    for (const bool chosen : {false, true}) {
        alignas(8) std::array<char, 4096> blob{};
        fdt_create_empty_tree(blob.data(), blob.size());
        if (chosen) {
            fdt_add_subnode(blob.data(), 0, "chosen");
        }
        fdt_pack(blob.data());
        const auto tree = add_fixed_seed({blob.data(), fdt_totalsize(blob.data())});
        ASSERT_TRUE(tree) << to_string(tree.error());
        EXPECT_EQ(seed_of(*tree, "rng-seed"), fixed_seed);
        EXPECT_EQ(seed_of(*tree, "kaslr-seed"), "absent");
    }
}

TEST(FixedSeed, IsNotAddedToWhatIsNoTree) {
    EXPECT_FALSE(add_fixed_seed("nothing of the kind"));
}

} // namespace
} // namespace trv::tool::tree
