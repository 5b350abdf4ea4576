// SPDX-License-Identifier: Apache-2.0
#include "lib/checked.hpp"
#include "machine/parts.hpp"

namespace trv::machine {
namespace {

bool is_memory(const DeviceNode& node) {
    const auto type = node.text_property("device_type");
    return type && *type == "memory";
}

/// Only whole pages can be used: an entry that starts or ends inside a page loses that page.
std::optional<PaRange> whole_pages(PaRange range) {
    const auto first = checked_add(range.base.value, page_size - 1);
    const u64 last = range.base.value + (range.size - 1);
    if (!first || align_down(*first, page_size) > last) {
        return std::nullopt;
    }
    const Pa base(align_down(*first, page_size));
    const u64 size = align_down(last - base.value + 1, page_size);
    return size != 0 ? std::optional(PaRange{base, size}) : std::nullopt;
}

bool overlaps_bank(const Machine& machine, PaRange range) {
    for (const PaRange& bank : machine.ram) {
        if (bank.overlaps(range)) {
            return true;
        }
    }
    return false;
}

void add_bank(const DeviceNode& node, PaRange range, Machine& machine, Problems& problems) {
    const auto pages = whole_pages(range);
    if (!pages) {
        return;
    }
    if (pages->end().value == 0) {
        problems.add("{}: memory reaches the end of the address space, ignored", node.name());
    } else if (overlaps_bank(machine, *pages)) {
        problems.add("{}: overlaps other memory, ignored", node.name());
    } else if (!machine.ram.push_back(*pages)) {
        problems.add("{}: more than {} banks of memory, the rest is ignored", node.name(), max_ram_banks);
    }
}

/// @return false if the table is full
bool reserve(PaRange range, bool no_map, std::string_view name, Machine& machine, Problems& problems) {
    // Round outwards to whole pages: a partly reserved page cannot be used.
    const u64 first = align_down(range.base.value, page_size);
    const u64 last = range.base.value + (range.size - 1);
    const PaRange pages{Pa(first), align_down(last - first, page_size) + page_size};
    if (!machine.reserved.push_back({pages, no_map})) {
        problems.add("{}: more than {} reserved ranges, the rest is ignored", name, max_reserved);
        return false;
    }
    return true;
}

/// A node without `reg` requests memory at any address, so it reserves nothing yet.
/// @return false if the table is full
bool reserve_node(const DeviceTree& tree, const DeviceNode& parent, const DeviceNode& node, Machine& machine,
                  Problems& problems) {
    const std::size_t count = node.reg_count(parent);
    for (std::size_t i = 0; i < count; ++i) {
        const auto range = tree.translated_reg(node, i);
        if (!range) {
            problems.add("{}: reg entry {}: {}", node.name(), i, range.error());
        } else if (!reserve(*range, node.has("no-map"), node.name(), machine, problems)) {
            return false;
        }
    }
    return true;
}

} // namespace

void parse_memory(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const DeviceNode root = tree.root();
    for (const DeviceNode node : root.children()) {
        // The tree describes secure RAM as well: disabled for the non-secure world, and enabled by `secure-status`.
        // [Linux, Documentation/devicetree/bindings/arm/secure.txt]
        if (!is_memory(node) || !node.is_enabled()) {
            continue;
        }
        const std::size_t count = node.reg_count(root);
        for (std::size_t i = 0; i < count; ++i) {
            const auto range = node.reg(root, i);
            if (range) {
                add_bank(node, *range, machine, problems);
            } else {
                problems.add("{}: reg entry {}: {}", node.name(), i, range.error());
            }
        }
    }
}

void parse_reserved(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const unsigned count = tree.reservations();
    for (unsigned i = 0; i < count; ++i) {
        const auto range = tree.reservation(i);
        if (range && !reserve(*range, false, "memory reservation block", machine, problems)) {
            return;
        }
    }
    const auto parent = tree.root().child("reserved-memory");
    if (!parent) {
        return;
    }
    for (const DeviceNode node : parent->children()) {
        if (node.is_enabled() && !reserve_node(tree, *parent, node, machine, problems)) {
            return;
        }
    }
}

} // namespace trv::machine
