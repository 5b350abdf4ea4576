// SPDX-License-Identifier: Apache-2.0
#include "lib/device_tree/device_tree.hpp"

#include "lib/checked.hpp"

#include <libfdt.h>

#include <cstring>

namespace trv {
namespace {

Result<unsigned> cell_count(int from_libfdt) {
    if (from_libfdt < 0) {
        return fail(Error::Invalid);
    }
    return static_cast<unsigned>(from_libfdt);
}

/// One window of a bus's `ranges`.
struct Window {
    u64 child = 0;
    u64 parent = 0;
    u64 size = 0;
};

Result<Window> window_at(const DeviceProperty& ranges, std::size_t index, unsigned child_cells, unsigned parent_cells,
                         unsigned size_cells) {
    const std::size_t at = index * (child_cells + parent_cells + size_cells);
    Window window;
    window.child = TRY(ranges.number(at, child_cells));
    window.parent = TRY(ranges.number(at + child_cells, parent_cells));
    window.size = TRY(ranges.number(at + child_cells + parent_cells, size_cells));
    return window;
}

/// Translates addresses of `bus`'s children to those of its parent.
Result<PaRange> translate(PaRange range, const DeviceNode& bus, const DeviceNode& above) {
    const auto ranges = bus.property("ranges");
    if (!ranges) {
        return fail(Error::NotMapped);
    }
    if (ranges->size() == 0) {
        return range; // the same addresses on both sides
    }
    const unsigned child_cells = TRY(bus.address_cells());
    const unsigned size_cells = TRY(bus.size_cells());
    const unsigned parent_cells = TRY(above.address_cells());
    const std::size_t stride = child_cells + size_cells + parent_cells;
    for (std::size_t i = 0; stride != 0 && (i + 1) * stride <= ranges->cells(); ++i) {
        // A window with more than 64 bits, such as PCI's, cannot contain the address.
        const auto window = window_at(*ranges, i, child_cells, parent_cells, size_cells);
        if (window && PaRange{Pa(window->child), window->size}.contains(range)) {
            const u64 base = TRY(checked_add(window->parent, range.base.value - window->child));
            return make_range(Pa(base), range.size);
        }
    }
    return fail(Error::NotMapped);
}

} // namespace

std::string_view DeviceNode::name() const {
    int size = 0;
    const char* const text = fdt_get_name(tree_, offset_, &size);
    return text != nullptr ? std::string_view(text, static_cast<std::size_t>(size)) : std::string_view();
}

std::string_view DeviceNode::base_name() const {
    return name().substr(0, name().find('@'));
}

std::optional<u64> DeviceNode::unit_address() const {
    const std::string_view full = name();
    const std::size_t at = full.find('@');
    if (at == std::string_view::npos || full.size() - at - 1 > 16 || full.size() == at + 1) {
        return std::nullopt;
    }
    u64 value = 0;
    for (const char c : full.substr(at + 1)) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit && !(c >= 'a' && c <= 'f')) {
            return std::nullopt;
        }
        value = value << 4 | static_cast<u64>(digit ? c - '0' : c - 'a' + 10);
    }
    return value;
}

std::optional<DeviceProperty> DeviceNode::property(const char* name) const {
    int size = 0;
    const void* const value = fdt_getprop(tree_, offset_, name, &size);
    if (value == nullptr || size < 0) {
        return std::nullopt;
    }
    return DeviceProperty({static_cast<const u8*>(value), static_cast<std::size_t>(size)});
}

Result<u32> DeviceNode::u32_property(const char* name) const {
    const auto p = property(name);
    if (!p) {
        return fail(Error::NotFound);
    }
    return p->size() == 4 ? p->cell(0) : fail(Error::Invalid);
}

Result<u64> DeviceNode::u64_property(const char* name) const {
    const auto p = property(name);
    if (!p) {
        return fail(Error::NotFound);
    }
    return p->size() == 8 ? p->number(0, 2) : fail(Error::Invalid);
}

Result<std::string_view> DeviceNode::text_property(const char* name) const {
    const auto p = property(name);
    if (!p) {
        return fail(Error::NotFound);
    }
    return p->text();
}

bool DeviceNode::is_compatible(std::string_view wanted) const {
    const auto p = property("compatible");
    return p && p->contains(wanted);
}

bool DeviceNode::is_enabled() const {
    const auto p = property("status");
    if (!p) {
        return true;
    }
    const auto text = p->text();
    return text && (*text == "okay" || *text == "ok");
}

Result<unsigned> DeviceNode::address_cells() const {
    return cell_count(fdt_address_cells(tree_, offset_));
}
Result<unsigned> DeviceNode::size_cells() const {
    return cell_count(fdt_size_cells(tree_, offset_));
}

std::size_t DeviceNode::reg_count(const DeviceNode& bus) const {
    const auto p = property("reg");
    const std::size_t stride = bus.address_cells().value_or(0) + bus.size_cells().value_or(0);
    return p && stride != 0 ? p->cells() / stride : 0;
}

Result<PaRange> DeviceNode::reg(const DeviceNode& bus, std::size_t index) const {
    const auto p = property("reg");
    const unsigned address_cells = TRY(bus.address_cells());
    const unsigned size_cells = TRY(bus.size_cells());
    const std::size_t stride = address_cells + size_cells;
    if (!p || stride == 0 || index >= p->cells() / stride) {
        return fail(Error::NotFound);
    }
    const u64 base = TRY(p->number(index * stride, address_cells));
    const u64 size = TRY(p->number(index * stride + address_cells, size_cells));
    return make_range(Pa(base), size);
}

std::optional<DeviceNode> DeviceNode::parent() const {
    const int offset = fdt_parent_offset(tree_, offset_);
    return offset >= 0 ? std::optional(DeviceNode(tree_, offset)) : std::nullopt;
}

std::optional<DeviceNode> DeviceNode::child(std::string_view name) const {
    const int offset = fdt_subnode_offset_namelen(tree_, offset_, name.data(), static_cast<int>(name.size()));
    return offset >= 0 ? std::optional(DeviceNode(tree_, offset)) : std::nullopt;
}

DeviceNodes DeviceNode::children() const {
    return {tree_, offset_};
}
int DeviceNode::first_child(const u8* tree, int offset) {
    return fdt_first_subnode(tree, offset);
}
int DeviceNode::next_child(const u8* tree, int offset) {
    return fdt_next_subnode(tree, offset);
}
int DeviceNode::first_property() const {
    return fdt_first_property_offset(tree_, offset_);
}
int DeviceNode::next_property(int offset) const {
    return fdt_next_property_offset(tree_, offset);
}

std::string_view DeviceNode::property_name(int offset) const {
    const char* name = nullptr;
    return fdt_getprop_by_offset(tree_, offset, &name, nullptr) != nullptr && name != nullptr ? name
                                                                                              : std::string_view();
}

Result<std::size_t> DeviceTree::total_size(std::span<const u8, header_size> header) {
    const DeviceProperty words(header);
    if (words.cell(0) != FDT_MAGIC) {
        return fail(Error::Invalid);
    }
    const u32 size = TRY(words.cell(1));
    if (size < header_size) {
        return fail(Error::Invalid);
    }
    return std::size_t{size};
}

std::size_t DeviceTree::names_size(std::span<const u8, header_size> header) {
    constexpr std::size_t size_dt_strings = 8; // in cells [Devicetree Specification 5.2]
    return std::size_t{DeviceProperty(header).cell(size_dt_strings).value_or(0)};
}

Result<DeviceTree> DeviceTree::open(std::span<const u8> blob) {
    if (reinterpret_cast<std::uintptr_t>(blob.data()) % 8 != 0) {
        return fail(Error::Misaligned);
    }
    if (blob.size() < header_size) {
        return fail(Error::Invalid);
    }
    const std::size_t size = TRY(total_size(blob.first<header_size>()));
    if (size > blob.size() || fdt_check_full(blob.data(), size) != 0) {
        return fail(Error::Invalid);
    }
    return DeviceTree(blob.first(size));
}

std::size_t DeviceTree::content_size() const {
    const void* const header = blob_.data(); // aligned, as open() checked
    return std::size_t{fdt_size_dt_struct(header)} + fdt_size_dt_strings(header);
}

std::optional<DeviceNode> DeviceTree::find(std::string_view path) const {
    const int offset = fdt_path_offset_namelen(blob_.data(), path.data(), static_cast<int>(path.size()));
    return !path.empty() && offset >= 0 ? std::optional(DeviceNode(blob_.data(), offset)) : std::nullopt;
}

std::optional<DeviceNode> DeviceTree::find_compatible(const char* wanted) const {
    int offset = fdt_node_offset_by_compatible(blob_.data(), -1, wanted);
    while (offset >= 0 && !DeviceNode(blob_.data(), offset).is_enabled()) {
        offset = fdt_node_offset_by_compatible(blob_.data(), offset, wanted);
    }
    return offset >= 0 ? std::optional(DeviceNode(blob_.data(), offset)) : std::nullopt;
}

std::optional<DeviceNode> DeviceTree::find_phandle(u32 phandle) const {
    const int offset = fdt_node_offset_by_phandle(blob_.data(), phandle);
    return offset >= 0 ? std::optional(DeviceNode(blob_.data(), offset)) : std::nullopt;
}

std::optional<u32> DeviceTree::interrupt_parent(DeviceNode node) const {
    for (std::optional<DeviceNode> at = node; at; at = at->parent()) {
        if (const auto phandle = at->u32_property("interrupt-parent")) {
            return *phandle;
        }
    }
    return std::nullopt;
}

unsigned DeviceTree::reservations() const {
    const int count = fdt_num_mem_rsv(blob_.data());
    return count > 0 ? static_cast<unsigned>(count) : 0;
}

Result<PaRange> DeviceTree::reservation(unsigned index) const {
    u64 base = 0;
    u64 size = 0;
    if (fdt_get_mem_rsv(blob_.data(), static_cast<int>(index), &base, &size) != 0) {
        return fail(Error::NotFound);
    }
    return make_range(Pa(base), size);
}

Result<PaRange> DeviceTree::translated_reg(const DeviceNode& node, std::size_t index) const {
    const auto bus = node.parent();
    if (!bus) {
        return fail(Error::NotFound);
    }
    return translated(*bus, TRY(node.reg(*bus, index)));
}

Result<PaRange> DeviceTree::translated(DeviceNode bus, PaRange range) const {
    while (bus != root()) {
        const auto above = bus.parent();
        if (!above) {
            return fail(Error::NotFound);
        }
        range = TRY(translate(range, bus, *above));
        bus = *above;
    }
    return range;
}

} // namespace trv
