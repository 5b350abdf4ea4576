// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/bare_tree.hpp"

#include "tool/tree/flat_tree.hpp"

namespace trv::tool::tree {

Result<std::string> bare_tree(std::string_view hardware, const Module& ramdisk, const std::string& bootargs) {
    FlatTree tree = TRY(FlatTree::open(hardware, tree_room));
    const auto chosen = TRY(tree.find_or_add(tree.root(), "chosen"));
    TRY(tree.set_text(chosen, "bootargs", bootargs));
    TRY(tree.set_wide(chosen, "linux,initrd-start", {ramdisk.address}));
    TRY(tree.set_wide(chosen, "linux,initrd-end", {ramdisk.address + ramdisk.size}));
    return std::string{tree.bytes()};
}

} // namespace trv::tool::tree
