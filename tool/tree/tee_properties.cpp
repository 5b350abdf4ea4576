// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/tee_properties.hpp"

#include <array>
#include <string>
#include <utility>

namespace trv::tool::tree {

namespace {

Result<void> set_rules(FlatTree& tree, FlatTree::Node node, const char* name, const std::vector<machine::Uuid>& rules) {
    if (rules.empty()) {
        return {};
    }
    std::string bytes;
    for (const auto& uuid : rules) {
        bytes.append(uuid.begin(), uuid.end());
    }
    return tree.set_bytes(node, name, bytes);
}

} // namespace

Result<void> set_tee(FlatTree& tree, FlatTree::Node node, const machine::TeeDescription& tee) {
    TRY(tree.set_flag(node, "tee"));
    TRY(set_rules(tree, node, "tee-allow", tee.allow));
    TRY(set_rules(tree, node, "tee-deny", tee.deny));
    if (tee.deny_others) {
        TRY(tree.set_text(node, "tee-default", "deny"));
    }
    const std::array limits{std::pair{"tee-max-sessions", tee.max_sessions},
                            std::pair{"tee-pinned-pages", tee.pinned_pages}, std::pair{"tee-buffers", tee.buffers},
                            std::pair{"tee-calls", tee.calls}, std::pair{"tee-mapped-pages", tee.mapped_pages}};
    for (const auto& [name, limit] : limits) {
        if (limit) {
            TRY(tree.set_cells(node, name, {*limit}));
        }
    }
    return {};
}

} // namespace trv::tool::tree
