// SPDX-License-Identifier: Apache-2.0
#pragma once
// A flattened device tree, read only, with types and errors instead of libfdt's offsets and codes. The tree is foreign:
// it is checked as a whole when it is opened, and each property's size when it is read. [Devicetree Specification v0.4]

#include "lib/result.hpp"
#include "lib/types.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace trv {

/// The bytes of a property, in the tree.
class DeviceProperty {
  public:
    constexpr explicit DeviceProperty(std::span<const u8> bytes) : bytes_(bytes) {}

    [[nodiscard]] constexpr std::span<const u8> bytes() const { return bytes_; }
    [[nodiscard]] constexpr std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] constexpr std::size_t cells() const { return bytes_.size() / 4; }
    /// The 32-bit cell `index`. Error::OutOfRange past the end.
    [[nodiscard]] Result<u32> cell(std::size_t index) const;
    /// The number formed by `count` cells from `index` on; 0 for no cells. Error::OutOfRange past the end,
    /// Error::Overflow if it exceeds 64 bits.
    [[nodiscard]] Result<u64> number(std::size_t index, unsigned count) const;
    /// The whole property as one string. Error::Invalid unless it is one NUL-terminated string.
    [[nodiscard]] Result<std::string_view> text() const;
    /// String `index` of a list of strings. Error::OutOfRange past the end, Error::Invalid if it is not terminated.
    [[nodiscard]] Result<std::string_view> text(std::size_t index) const;
    /// Whether a list of strings contains `wanted`.
    [[nodiscard]] bool contains(std::string_view wanted) const;

  private:
    std::span<const u8> bytes_;
};

class DeviceNodes;

/// A node: a cheap value that lives as long as its tree's bytes.
class DeviceNode {
  public:
    constexpr DeviceNode(const u8* tree, int offset) : tree_(tree), offset_(offset) {}
    constexpr bool operator==(const DeviceNode&) const = default;

    /// With the unit address: "memory@40000000". Empty for the root.
    [[nodiscard]] std::string_view name() const;
    /// The part before '@'.
    [[nodiscard]] std::string_view base_name() const;
    /// The part after '@' as a hexadecimal number; nothing if it is missing or is not a number.
    [[nodiscard]] std::optional<u64> unit_address() const;

    [[nodiscard]] std::optional<DeviceProperty> property(const char* name) const;
    [[nodiscard]] bool has(const char* name) const { return property(name).has_value(); }
    /// Error::NotFound without the property, Error::Invalid if it has another size.
    [[nodiscard]] Result<u32> u32_property(const char* name) const;
    [[nodiscard]] Result<u64> u64_property(const char* name) const;
    /// Error::NotFound without the property, Error::Invalid if it is not a string.
    [[nodiscard]] Result<std::string_view> text_property(const char* name) const;
    [[nodiscard]] bool is_compatible(std::string_view wanted) const;
    /// `status` is absent or okay.
    [[nodiscard]] bool is_enabled() const;

    /// #address-cells and #size-cells for this node's children, with the specification's defaults.
    /// Error::Invalid for more than four.
    [[nodiscard]] Result<unsigned> address_cells() const;
    [[nodiscard]] Result<unsigned> size_cells() const;
    /// Entries of `reg`, where `bus` is this node's parent; 0 without `reg`, or if the bus is malformed.
    [[nodiscard]] std::size_t reg_count(const DeviceNode& bus) const;
    /// Entry `index` of `reg`, in the addresses of `bus`, this node's parent.
    /// Error::NotFound past the end, Error::Invalid or Error::Overflow if it is not a valid range.
    [[nodiscard]] Result<PaRange> reg(const DeviceNode& bus, std::size_t index) const;

    /// Slow: walks the tree from its start.
    [[nodiscard]] std::optional<DeviceNode> parent() const;
    [[nodiscard]] std::optional<DeviceNode> child(std::string_view name) const;
    /// For range-for.
    [[nodiscard]] DeviceNodes children() const;
    /// Calls `visit(std::string_view name)` for each property.
    template <typename Visitor>
    void for_each_property(Visitor visit) const {
        for (int p = first_property(); p >= 0; p = next_property(p)) {
            visit(property_name(p));
        }
    }

  private:
    friend class DeviceNodes;
    [[nodiscard]] int first_property() const;
    [[nodiscard]] static int first_child(const u8* tree, int offset);
    [[nodiscard]] static int next_child(const u8* tree, int offset);
    [[nodiscard]] int next_property(int offset) const;
    [[nodiscard]] std::string_view property_name(int offset) const;

    const u8* tree_;
    int offset_;
};

/// The children of a node.
class DeviceNodes {
  public:
    class Iterator {
      public:
        constexpr Iterator(const u8* tree, int offset) : tree_(tree), offset_(offset) {}
        [[nodiscard]] DeviceNode operator*() const { return {tree_, offset_}; }
        Iterator& operator++() {
            offset_ = DeviceNode::next_child(tree_, offset_);
            return *this;
        }
        /// Every negative offset is the end.
        [[nodiscard]] bool operator==(const Iterator& other) const {
            return offset_ == other.offset_ || (offset_ < 0 && other.offset_ < 0);
        }

      private:
        const u8* tree_;
        int offset_;
    };

    constexpr DeviceNodes(const u8* tree, int parent) : tree_(tree), parent_(parent) {}
    [[nodiscard]] Iterator begin() const { return {tree_, DeviceNode::first_child(tree_, parent_)}; }
    [[nodiscard]] Iterator end() const { return {tree_, -1}; }

  private:
    const u8* tree_;
    int parent_;
};

class DeviceTree {
  public:
    static constexpr std::size_t header_size = 40;

    /// The size of the tree that starts with `header`, for mapping it.
    /// Error::Invalid if it is not a device tree.
    [[nodiscard]] static Result<std::size_t> total_size(std::span<const u8, header_size> header);

    /// The size of the block that has the names of all properties. Each look at a property may walk through one of them,
    /// so a tree that is not trusted must be bounded in it before it is opened.
    [[nodiscard]] static std::size_t names_size(std::span<const u8, header_size> header);

    /// Checks the whole tree. `blob` may be longer than the tree.
    /// Error::Misaligned unless 8-byte aligned, Error::Invalid if it is not well-formed.
    [[nodiscard]] static Result<DeviceTree> open(std::span<const u8> blob);

    [[nodiscard]] std::span<const u8> blob() const { return blob_; }
    /// Bytes of its nodes and names; the blob may have more.
    [[nodiscard]] std::size_t content_size() const;
    [[nodiscard]] DeviceNode root() const { return {blob_.data(), 0}; }
    /// Finds a node by path, or by an alias before the first '/'; each part may omit its unit address.
    [[nodiscard]] std::optional<DeviceNode> find(std::string_view path) const;
    /// The first enabled node anywhere that is compatible with `wanted`. Slow: walks the tree.
    [[nodiscard]] std::optional<DeviceNode> find_compatible(const char* wanted) const;
    /// The node with this phandle. Slow: walks the tree.
    [[nodiscard]] std::optional<DeviceNode> find_phandle(u32 phandle) const;
    /// The phandle of the controller of the node's `interrupts`: its own `interrupt-parent` or the nearest
    /// ancestor's. Slow: walks the tree.
    [[nodiscard]] std::optional<u32> interrupt_parent(DeviceNode node) const;
    /// Entries of the memory reservation block. Slow: counts them.
    [[nodiscard]] unsigned reservations() const;
    /// @param index below reservations()
    /// Error::Invalid or Error::Overflow if it is not a valid range.
    [[nodiscard]] Result<PaRange> reservation(unsigned index) const;

    /// Entry `index` of `reg` in the addresses of the root, through the `ranges` of all buses above.
    /// Errors as DeviceNode::reg(); Error::NotMapped if a bus does not map it.
    [[nodiscard]] Result<PaRange> translated_reg(const DeviceNode& node, std::size_t index) const;
    /// A range of addresses of `bus`'s children in the addresses of the root. Errors as translated_reg().
    [[nodiscard]] Result<PaRange> translated(DeviceNode bus, PaRange range) const;

  private:
    constexpr explicit DeviceTree(std::span<const u8> blob) : blob_(blob) {}

    std::span<const u8> blob_;
};

} // namespace trv
