// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/tee_description.hpp"
#include "tool/tree/flat_tree.hpp"

namespace trv::tool::tree {

/// Adds the properties `tee` and `tee-…` to a VM's node; limits that are not in the description are left out.
[[nodiscard]] Result<void> set_tee(FlatTree& tree, FlatTree::Node node, const machine::TeeDescription& tee);

} // namespace trv::tool::tree
