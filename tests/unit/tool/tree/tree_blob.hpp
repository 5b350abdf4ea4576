// SPDX-License-Identifier: Apache-2.0
#pragma once
// A device tree to write into, and what was written.

#include <libfdt.h>

#include <array>
#include <string>

namespace trv::tool::tree {

/// A tree with an empty /chosen.
inline std::string empty_hardware() {
    std::array<char, 4096> blob{};
    fdt_create_empty_tree(blob.data(), blob.size());
    fdt_add_subnode(blob.data(), 0, "chosen");
    fdt_pack(blob.data());
    return {blob.data(), fdt_totalsize(blob.data())};
}

/// The property's bytes, or "absent".
inline std::string property(const std::string& tree, const char* path, const char* name) {
    int length = 0;
    const void* value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), path), name, &length);
    return value == nullptr ? "absent" : std::string(static_cast<const char*>(value), static_cast<std::size_t>(length));
}

} // namespace trv::tool::tree
