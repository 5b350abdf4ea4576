// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/core_seed.hpp"

#include "tool/tree/flat_tree.hpp"

namespace trv::tool::tree {

Result<std::string> remove_core_seed(std::string_view hardware) {
    constexpr std::size_t room = 64; // for the node, in a tree without it
    FlatTree tree = TRY(FlatTree::open(hardware, room));
    TRY(tree.remove(TRY(tree.find_or_add(tree.root(), "secure-chosen")), "kaslr-seed"));
    return tree.packed();
}

} // namespace trv::tool::tree
