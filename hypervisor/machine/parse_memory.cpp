#include "lib/checked.hpp"
#include "machine/parts.hpp"

namespace trv::machine {
namespace {

bool is_memory(const DeviceNode& node) {
    const auto type = node.text_property("device_type");
    return type && *type == "memory";
}

/// Only whole pages can be given to anybody: an entry that starts or ends inside a page loses that page.
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
        problems.add("{}: memory up to the end of the address space, skipped", node.name());
    } else if (overlaps_bank(machine, *pages)) {
        problems.add("{}: overlaps other memory, skipped", node.name());
    } else if (!machine.ram.push_back(*pages)) {
        problems.add("{}: more than {} banks of memory, the rest is not used", node.name(), max_ram_banks);
    }
}

void reserve(PaRange range, bool no_map, std::string_view name, Machine& machine, Problems& problems) {
    // Outwards to whole pages: a page of which a part is reserved is nobody's.
    const u64 first = align_down(range.base.value, page_size);
    const u64 last = range.base.value + (range.size - 1);
    const PaRange pages{Pa(first), align_down(last - first, page_size) + page_size};
    if (!machine.reserved.push_back({pages, no_map})) {
        problems.add("{}: more than {} reserved ranges", name, max_reserved);
    }
}

void reserve_children(const DeviceTree& tree, const DeviceNode& parent, Machine& machine, Problems& problems) {
    for (const DeviceNode node : parent.children()) {
        if (!node.is_enabled()) {
            continue;
        }
        for (std::size_t i = 0;; ++i) {
            const auto range = tree.translated_reg(node, i);
            if (!range && range.error() == Error::NotFound) {
                break; // a node without `reg` asks for memory of its system's choice: nothing that exists already
            }
            if (range) {
                reserve(*range, node.has("no-map"), node.name(), machine, problems);
            } else {
                problems.add("{}: reg entry {}: {}", node.name(), i, range.error());
            }
        }
    }
}

} // namespace

void parse_memory(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const DeviceNode root = tree.root();
    for (const DeviceNode node : root.children()) {
        // Secure RAM is described, too: disabled for us and enabled through `secure-status`.
        // [Linux, Documentation/devicetree/bindings/arm/secure.txt]
        if (!is_memory(node) || !node.is_enabled()) {
            continue;
        }
        for (std::size_t i = 0;; ++i) {
            const auto range = node.reg(root, i);
            if (!range && range.error() == Error::NotFound) {
                break;
            }
            if (range) {
                add_bank(node, *range, machine, problems);
            } else {
                problems.add("{}: reg entry {}: {}", node.name(), i, range.error());
            }
        }
    }
}

void parse_reserved(const DeviceTree& tree, Machine& machine, Problems& problems) {
    if (const auto parent = tree.root().child("reserved-memory")) {
        reserve_children(tree, *parent, machine, problems);
    }
    const unsigned count = tree.reservations();
    for (unsigned i = 0; i < count && machine.reserved.size() < max_reserved; ++i) {
        if (const auto range = tree.reservation(i)) {
            reserve(*range, false, "memory reservation block", machine, problems);
        }
    }
}

} // namespace trv::machine
