// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/flat_tree.hpp"

#include <fmt/format.h>
#include <libfdt.h>

namespace trv::tool::tree {

namespace {

constexpr const char* place = "device tree";

std::unexpected<Error> tree_error(const std::string& what, int code) {
    return failure(place, fmt::format("{}: {}", what, fdt_strerror(code)));
}

template <typename Number>
void append_big_endian(std::string& bytes, Number value) {
    for (std::size_t shift = 8 * sizeof(Number); shift > 0; shift -= 8) {
        bytes += static_cast<char>(value >> (shift - 8) & 0xff);
    }
}

} // namespace

Result<FlatTree> FlatTree::open(std::string_view blob, std::size_t room) {
    if (const int code = fdt_check_full(blob.data(), blob.size()); code != 0) {
        return tree_error("is damaged", code);
    }
    // QEMU writes a tree of 1 MiB, nearly all of it empty; TF-A accepts no larger tree.
    std::string packed{blob};
    if (const int code = fdt_pack(packed.data()); code != 0) {
        return tree_error("cannot be packed", code);
    }
    const void* header = packed.data();
    std::string copy(fdt_totalsize(header) + room, '\0');
    if (const int code = fdt_open_into(packed.data(), copy.data(), static_cast<int>(copy.size())); code != 0) {
        return tree_error("cannot be enlarged", code);
    }
    return FlatTree{std::move(copy)};
}

Result<FlatTree> FlatTree::create(std::size_t room) {
    std::string blob(room, '\0');
    if (const int code = fdt_create_empty_tree(blob.data(), static_cast<int>(blob.size())); code != 0) {
        return tree_error("cannot be created", code);
    }
    return FlatTree{std::move(blob)};
}

std::string FlatTree::packed() const {
    std::string copy = blob_;
    fdt_pack(copy.data()); // of a tree that this class made, which cannot fail
    const void* header = copy.data();
    copy.resize(fdt_totalsize(header));
    return copy;
}

Result<FlatTree::Node> FlatTree::find_or_add(Node parent, const std::string& name) {
    const int found = fdt_subnode_offset(blob_.data(), parent.offset, name.c_str());
    return found >= 0 ? Node{found} : add(parent, name);
}

Result<FlatTree::Node> FlatTree::add(Node parent, const std::string& name) {
    const int added = fdt_add_subnode(blob_.data(), parent.offset, name.c_str());
    if (added < 0) {
        return tree_error("the node " + name + " cannot be added", added);
    }
    return Node{added};
}

Result<void> FlatTree::set(Node node, const char* name, std::string_view value) {
    const int code = fdt_setprop(blob_.data(), node.offset, name, value.data(), static_cast<int>(value.size()));
    if (code != 0) {
        return tree_error(fmt::format("the property {} cannot be set", name), code);
    }
    return {};
}

Result<void> FlatTree::remove(Node node, const char* name) {
    const int code = fdt_delprop(blob_.data(), node.offset, name);
    if (code != 0 && code != -FDT_ERR_NOTFOUND) {
        return tree_error(fmt::format("the property {} cannot be removed", name), code);
    }
    return {};
}

Result<void> FlatTree::set_flag(Node node, const char* name) {
    return set(node, name, {});
}

Result<void> FlatTree::set_text(Node node, const char* name, const std::string& value) {
    return set(node, name, {value.c_str(), value.size() + 1}); // the property's value ends with the zero byte
}

Result<void> FlatTree::set_cells(Node node, const char* name, const std::vector<std::uint32_t>& values) {
    std::string bytes;
    for (const std::uint32_t value : values) {
        append_big_endian(bytes, value);
    }
    return set(node, name, bytes);
}

Result<void> FlatTree::set_wide(Node node, const char* name, std::initializer_list<std::uint64_t> values) {
    std::string bytes;
    for (const std::uint64_t value : values) {
        append_big_endian(bytes, value);
    }
    return set(node, name, bytes);
}

} // namespace trv::tool::tree
