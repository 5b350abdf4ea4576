// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::tree {

/// The space for additions to a machine's tree: our nodes (16 VMs with long command lines), and OP-TEE's at boot.
inline constexpr std::size_t tree_room = 64 * 1024;

/// A flattened device tree that can be added to. Owns its bytes.
class FlatTree {
  public:
    /// A node of the tree; valid until a node is added before it, so fill a node before adding the next.
    struct Node {
        int offset;
    };

    /// @param blob   a flattened device tree, checked here
    /// @param room   bytes that may be added to it, by us and by the firmware after us
    [[nodiscard]] static Result<FlatTree> open(std::string_view blob, std::size_t room);

    /// A tree with a root only.
    [[nodiscard]] static Result<FlatTree> create(std::size_t room);

    [[nodiscard]] Node root() const { return {0}; }
    [[nodiscard]] Result<Node> find_or_add(Node parent, const std::string& name);
    [[nodiscard]] Result<Node> add(Node parent, const std::string& name);

    [[nodiscard]] Result<void> set_flag(Node node, const char* name);
    /// Removes a property, if the node has it.
    [[nodiscard]] Result<void> remove(Node node, const char* name);
    [[nodiscard]] Result<void> set_bytes(Node node, const char* name, std::string_view value) {
        return set(node, name, value);
    }
    [[nodiscard]] Result<void> set_text(Node node, const char* name, const std::string& value);
    [[nodiscard]] Result<void> set_cells(Node node, const char* name, const std::vector<std::uint32_t>& values);
    [[nodiscard]] Result<void> set_wide(Node node, const char* name, std::initializer_list<std::uint64_t> values);

    /// The whole tree, including the remaining space.
    [[nodiscard]] std::string_view bytes() const { return blob_; }

    /// The tree without the remaining space.
    [[nodiscard]] std::string packed() const;

  private:
    explicit FlatTree(std::string blob) : blob_{std::move(blob)} {}
    [[nodiscard]] Result<void> set(Node node, const char* name, std::string_view value);

    std::string blob_;
};

} // namespace trv::tool::tree
