// SPDX-License-Identifier: Apache-2.0
#include "guest/host_filter.hpp"

#include "lib/checked.hpp"

#include <algorithm>

namespace trv::guest {
namespace {

constexpr unsigned deepest = 16;     ///< levels of nodes; real trees have some six
constexpr std::size_t gic_cells = 3; ///< kind, number, flags

bool is_secure(const DeviceNode& node) {
    // [Linux, Documentation/devicetree/bindings/arm/secure.txt]
    return (node.has("secure-status") && !node.is_enabled()) || node.base_name() == "secure-chosen";
}

bool is_pci(const DeviceNode& node) {
    const auto type = node.text_property("device_type");
    return type && *type == "pci";
}

/// Whether one of the node's `compatible` strings begins with `family`.
bool is_of_family(const DeviceNode& node, std::string_view family) {
    const auto compatible = node.property("compatible");
    for (std::size_t i = 0; compatible; ++i) {
        const auto text = compatible->text(i);
        if (!text) {
            break;
        }
        if (text->starts_with(family)) {
            return true;
        }
    }
    return false;
}

/// Message interrupts and DMA remapping: their registers reach more than one device, or all of RAM. And external debug:
/// by its registers a CPU halts another one and runs instructions on it, also at EL2 [Arm ARM H2 and H4].
bool is_infrastructure(const DeviceNode& node) {
    return is_of_family(node, "arm,coresight") || is_of_family(node, "arm,smmu") || is_of_family(node, "arm,mmu-") ||
           node.has("#iommu-cells") || node.has("msi-controller") || node.is_compatible("arm,gic-v3-its") ||
           node.is_compatible("arm,gic-v2m-frame") || node.is_compatible("arm,armv7-timer-mem");
}

/// The whole pages around a range; nothing where that would wrap.
Result<PaRange> whole_pages(PaRange range) {
    const u64 last = TRY(checked_add(range.base.value, range.size - 1));
    const u64 end = TRY(checked_add(align_down(last, page_size), page_size));
    const Pa base = range.base.align_down(page_size);
    return make_range(base, end - base.value);
}

std::size_t stride_of(Result<unsigned> a, Result<unsigned> b, std::size_t more) {
    return a && b ? *a + *b + more : 0;
}

/// Windows in a PCI host bridge's `ranges`, which has the addresses of `parent`.
std::size_t window_stride(const DeviceNode& bridge, const DeviceNode& parent) {
    const auto above = parent.address_cells();
    return above ? stride_of(bridge.address_cells(), bridge.size_cells(), *above) : 0;
}

Result<PaRange> window(const DeviceNode& bridge, const DeviceNode& parent, std::size_t index) {
    const auto ranges = bridge.property("ranges");
    const std::size_t stride = window_stride(bridge, parent);
    if (!ranges || stride == 0) {
        return fail(Error::NotFound);
    }
    const unsigned child_cells = TRY(bridge.address_cells());
    const unsigned parent_cells = TRY(parent.address_cells());
    const std::size_t at = index * stride + child_cells;
    const u64 base = TRY(ranges->number(at, parent_cells));
    const unsigned size_cells = TRY(bridge.size_cells());
    const u64 size = TRY(ranges->number(at + parent_cells, size_cells));
    return make_range(Pa(base), size);
}

} // namespace

std::string_view reason_of(Fate fate) {
    switch (fate) {
    case Fate::Kept:
    case Fate::Gic:
    case Fate::Timer:
    case Fate::Console:
    case Fate::Replaced:
        break;
    case Fate::Disabled:
        return "disabled";
    case Fate::Secure:
        return "the secure world's";
    case Fate::Firmware:
        return "firmware's";
    case Fate::Hypervisor:
        return "the hypervisor's";
    case Fate::PrivateInterrupt:
        return "private interrupts";
    case Fate::InRam:
        return "registers in RAM";
    }
    return "kept";
}

Result<HostFilter> HostFilter::create(const DeviceTree& tree, const machine::Machine& machine) {
    const auto gic = tree.find_compatible(machine::gicv3_compatible.data());
    const auto phandle = gic ? gic->u32_property("phandle") : fail(Error::NotFound);
    if (!phandle || gic->u32_property("#interrupt-cells") != u32{gic_cells}) {
        return fail(Error::Unsupported);
    }
    HostFilter filter(tree, machine, *gic);
    filter.gic_phandle_ = *phandle;
    for (const PaRange registers : machine.gic->registers) {
        TRY(filter.deny(registers));
    }
    if (machine.uart) {
        TRY(filter.deny(machine.uart->registers));
    }
    TRY(filter.deny_below(tree.root(), 0, false));
    return filter;
}

Result<void> HostFilter::deny(PaRange range) {
    return denied_.push_back(TRY(whole_pages(range))) ? Result<void>() : fail(Error::TooMany);
}

/// Collects the registers that a host must not reach, wherever they are in the tree, and finds the console.
Result<void> HostFilter::deny_below(const DeviceNode& parent, unsigned depth, bool parent_denied) {
    for (const DeviceNode node : parent.children()) {
        const bool denied = parent_denied || is_infrastructure(node) || is_secure(node);
        for (std::size_t i = 0; i < node.reg_count(parent); ++i) {
            const auto registers = tree_->translated_reg(node, i);
            if (registers && denied) {
                TRY(deny(*registers));
            }
            const bool own = registers && machine_->uart && *registers == machine_->uart->registers;
            if (own && node.is_enabled() && node.is_compatible("arm,pl011")) { // what VMs' UARTs are
                console_ = node;
            }
        }
        if (depth < deepest) {
            TRY(deny_below(node, depth + 1, denied));
        }
    }
    return {};
}

Fate HostFilter::fate_of(const DeviceNode& node, const DeviceNode& parent) const {
    if (is_secure(node)) {
        return Fate::Secure;
    }
    if (!node.is_enabled()) {
        return Fate::Disabled;
    }
    if (parent == tree_->root()) {
        if (const auto fate = fate_at_top(node)) {
            return *fate;
        }
    }
    if (parent.name() == "reserved-memory") {
        return fate_of_reserved(node, parent);
    }
    if (parent == gic_) {
        return Fate::Hypervisor;
    }
    if (const auto fate = fate_by_kind(node)) {
        return *fate;
    }
    if (const auto fate = fate_by_interrupts(node)) {
        return *fate;
    }
    return fate_by_ranges(node, parent).value_or(Fate::Kept);
}

std::optional<Fate> HostFilter::fate_at_top(const DeviceNode& node) const {
    const auto type = node.text_property("device_type");
    const std::string_view name = node.name();
    if ((type && *type == "memory") || name == "chosen" || name == "cpus" || name == "firmware") {
        return Fate::Replaced;
    }
    // Symbols name nodes that may be left out, and are for overlays.
    if (name == "hypervisor" || name.starts_with("__")) {
        return Fate::Hypervisor;
    }
    return std::nullopt;
}

std::optional<Fate> HostFilter::fate_by_kind(const DeviceNode& node) const {
    if (node == gic_) {
        return Fate::Gic;
    }
    if (console_ && node == *console_) {
        return Fate::Console;
    }
    if (node.is_compatible("arm,armv8-timer")) {
        return Fate::Timer;
    }
    if (node.is_compatible("arm,psci-1.0") || node.is_compatible("arm,psci-0.2") || node.is_compatible("arm,psci") ||
        node.is_compatible("linaro,optee-tz")) {
        return Fate::Replaced;
    }
    if (node.has("method") || node.has("arm,smc-id")) { // EL2 answers no firmware's calls
        return Fate::Firmware;
    }
    return is_infrastructure(node) ? std::optional(Fate::Hypervisor) : std::nullopt;
}

bool HostFilter::is_pool(const DeviceNode& node, const DeviceNode& parent) const {
    return parent.name() == "reserved-memory" && fate_of_reserved(node, parent) == Fate::Kept &&
           node.reg_count(parent) != 0;
}

/// A pool at any address is the host's own affair. Of those with an address, firmware's have no `compatible`; memory that
/// must not be mapped is not mapped for the hypervisor either, which relies on reaching all memory of VMs.
Fate HostFilter::fate_of_reserved(const DeviceNode& node, const DeviceNode& parent) const {
    const std::size_t entries = node.reg_count(parent);
    if (entries == 0) {
        return node.has("size") ? Fate::Kept : Fate::Firmware;
    }
    if (node.has("no-map") || !node.has("compatible") || node.base_name().starts_with("optee")) {
        return Fate::Firmware;
    }
    for (std::size_t i = 0; i < entries; ++i) {
        const auto memory = tree_->translated_reg(node, i);
        const bool sound = memory && memory->base.is_aligned(page_size) && is_aligned(memory->size, page_size);
        if (!sound || std::ranges::none_of(machine_->ram, [&](PaRange bank) { return bank.contains(*memory); })) {
            return Fate::Firmware;
        }
    }
    return Fate::Kept;
}

std::optional<Fate> HostFilter::fate_by_interrupts(const DeviceNode& node) const {
    HostInterrupts found;
    add_interrupts(node, found);
    if (found.has_private) {
        return Fate::PrivateInterrupt;
    }
    const bool shared = std::ranges::any_of(
        own_interrupts(), [&](auto own) { return own && IntId(*own).is_spi() && found.has(IntId(*own)); });
    return shared ? std::optional(Fate::Hypervisor) : std::nullopt;
}

std::optional<Fate> HostFilter::fate_by_ranges(const DeviceNode& node, const DeviceNode& parent) const {
    for (std::size_t i = 0; i < range_count(node, parent); ++i) {
        const auto pages = range(node, parent, i);
        if (!pages) {
            continue;
        }
        const auto overlaps = [&](PaRange other) { return other.overlaps(*pages); };
        if (std::ranges::any_of(denied_, overlaps)) {
            return Fate::Hypervisor;
        }
        if (std::ranges::any_of(machine_->ram, overlaps)) {
            return Fate::InRam;
        }
    }
    return std::nullopt;
}

std::array<std::optional<u32>, 2> HostFilter::own_interrupts() const {
    return {machine_->uart ? machine_->uart->intid : std::nullopt,
            machine_->optee ? machine_->optee->notification_intid : std::nullopt};
}

bool HostFilter::is_own_interrupt(IntId intid) const {
    return std::ranges::any_of(own_interrupts(), [&](auto own) { return own == intid.value; });
}

bool HostFilter::keeps(DeviceNode node) const {
    while (node != tree_->root()) {
        const auto parent = node.parent();
        if (!parent || !is_kept(fate_of(node, *parent))) {
            return false;
        }
        node = *parent;
    }
    return true;
}

void HostFilter::walk_below(const DeviceNode& parent, unsigned depth, HostVisitor& visitor) const {
    for (const DeviceNode node : parent.children()) {
        const Fate fate = fate_of(node, parent);
        if (visitor.begin(node, parent, fate)) {
            if (is_kept(fate) && depth < deepest) {
                walk_below(node, depth + 1, visitor);
            }
            visitor.end(node);
        }
    }
}

std::size_t HostFilter::range_count(const DeviceNode& node, const DeviceNode& parent) const {
    if (is_pci(parent)) { // its functions' `reg` are no addresses
        return 0;
    }
    std::size_t count = node.reg_count(parent);
    if (is_pci(node)) {
        const auto ranges = node.property("ranges");
        const std::size_t stride = window_stride(node, parent);
        count += ranges && stride != 0 ? ranges->cells() / stride : 0;
    }
    return count;
}

Result<PaRange> HostFilter::range(const DeviceNode& node, const DeviceNode& parent, std::size_t index) const {
    const std::size_t registers = node.reg_count(parent);
    if (index < registers) {
        return whole_pages(TRY(tree_->translated_reg(node, index)));
    }
    const PaRange in_parent = TRY(window(node, parent, index - registers));
    return whole_pages(TRY(tree_->translated(parent, in_parent)));
}

/// [Linux, Documentation/devicetree/bindings/interrupt-controller/interrupts.txt]
void HostFilter::add_interrupts(const DeviceNode& node, HostInterrupts& found) const {
    if (const auto map = node.property("interrupt-map")) {
        add_map(node, *map, found);
    }
    if (const auto extended = node.property("interrupts-extended")) { // it precedes `interrupts`
        add_extended(*extended, found);
        return;
    }
    const auto interrupts = node.property("interrupts");
    if (!interrupts || tree_->interrupt_parent(node) != gic_phandle_) {
        return;
    }
    for (std::size_t at = 0; at + gic_cells <= interrupts->cells(); at += gic_cells) {
        add_gic_cells(*interrupts, at, found);
    }
}

void HostFilter::add_gic_cells(const DeviceProperty& property, std::size_t at, HostInterrupts& found) const {
    const auto kind = property.cell(at);
    const auto number = property.cell(at + 1);
    constexpr u32 spi = 0;
    if (!kind || !number) {
        return;
    }
    if (*kind != spi) { // also what no GICv3 of today has: extended ranges
        found.has_private = true;
    } else if (*number < end_of_spis - first_spi) {
        found.add(IntId(first_spi + *number));
    }
}

void HostFilter::add_extended(const DeviceProperty& property, HostInterrupts& found) const {
    for (std::size_t at = 0; at < property.cells();) {
        const auto phandle = property.cell(at);
        const auto controller = phandle ? tree_->find_phandle(*phandle) : std::nullopt;
        const auto cells = controller ? controller->u32_property("#interrupt-cells") : fail(Error::NotFound);
        if (!cells || *cells > property.cells()) {
            return;
        }
        if (*controller == gic_) {
            add_gic_cells(property, at + 1, found);
        }
        at += 1 + std::size_t{*cells};
    }
}

/// An entry: the child's address and interrupt, the controller, the controller's address and interrupt. [Devicetree
/// Specification v0.4, 2.4.3]
void HostFilter::add_map(const DeviceNode& nexus, const DeviceProperty& map, HostInterrupts& found) const {
    const auto address_cells = nexus.address_cells();
    const auto child_cells = nexus.u32_property("#interrupt-cells");
    if (!address_cells || !child_cells || *child_cells > map.cells()) {
        return;
    }
    for (std::size_t at = *address_cells + std::size_t{*child_cells}; at < map.cells();) {
        const auto controller = tree_->find_phandle(*map.cell(at));
        const auto cells = controller ? controller->u32_property("#interrupt-cells") : fail(Error::NotFound);
        if (!cells || *cells > map.cells()) {
            return;
        }
        // Without the property, a controller has no address here, where a bus has two cells.
        const u32 own_address = controller->u32_property("#address-cells").value_or(0);
        if (own_address > 4) {
            return;
        }
        if (*controller == gic_) {
            add_gic_cells(map, at + 1 + own_address, found);
        }
        at += 1 + own_address + std::size_t{*cells} + *address_cells + std::size_t{*child_cells};
    }
}

} // namespace trv::guest
