// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/fixed_seed.hpp"

#include "tool/tree/flat_tree.hpp"

namespace trv::tool::tree {

Result<std::string> add_fixed_seed(std::string_view hardware) {
    constexpr std::size_t room = 256; // node, property, its name
    FlatTree tree = TRY(FlatTree::open(hardware, room));
    const auto chosen = TRY(tree.find_or_add(tree.root(), "chosen"));
    // No kaslr-seed: with it, Linux isolates its page tables on CPUs like Cortex-A57, which no VM of ours does.
    TRY(tree.set_bytes(chosen, "rng-seed", fixed_seed));
    return std::string{tree.bytes()};
}

} // namespace trv::tool::tree
