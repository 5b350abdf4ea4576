// SPDX-License-Identifier: Apache-2.0
#include "lib/intid.hpp"
#include "machine/parts.hpp"

#include <array>

namespace trv::machine {
namespace {

constexpr u32 ppi_count = first_spi - first_ppi;
constexpr u32 spi_count = end_of_spis - first_spi;

/// [Linux, Documentation/devicetree/bindings/timer/arm,arch_timer.yaml]: the order where `interrupt-names` is absent.
constexpr std::array<std::string_view, 5> timer_names = {"sec-phys", "phys", "virt", "hyp-phys", "hyp-virt"};

std::optional<u32> timer_interrupt(const DeviceTree& tree, const DeviceNode& node, std::size_t which,
                                   Problems& problems) {
    std::size_t index = which;
    if (const auto names = node.property("interrupt-names")) {
        index = 0;
        auto name = names->text(0);
        while (name && *name != timer_names[which]) {
            name = names->text(++index);
        }
        if (!name) {
            return std::nullopt;
        }
    }
    const auto intid = interrupt(tree, node, index);
    if (!intid || *intid >= first_spi) {
        problems.add("{}: no PPI for the {} timer", node.name(), timer_names[which]);
        return std::nullopt;
    }
    return *intid;
}

/// [Linux, Documentation/devicetree/bindings/interrupt-controller/arm,gic-v3.yaml]
bool read_gicv3(const DeviceTree& tree, const DeviceNode& node, InterruptController& gic, Problems& problems) {
    const auto distributor = tree.translated_reg(node, 0);
    if (!distributor) {
        problems.add("{}: reg of the distributor: {}", node.name(), distributor.error());
        return false;
    }
    (void)gic.registers.push_back(*distributor); // the first has room
    const u32 regions = node.u32_property("#redistributor-regions").value_or(1);
    if (regions == 0 || regions > max_redistributor_regions) {
        problems.add("{}: #redistributor-regions is not 1 to {}", node.name(), max_redistributor_regions);
        return false;
    }
    for (u32 i = 0; i < regions; ++i) {
        const auto region = tree.translated_reg(node, 1 + i);
        if (!region || !gic.registers.push_back(*region)) {
            problems.add("{}: reg of redistributor region {} is missing or not a valid range", node.name(), i);
            return false;
        }
    }
    if (const auto stride = node.property("redistributor-stride")) {
        constexpr u64 frame = 64 * KiB;
        const auto value = stride->number(0, static_cast<unsigned>(stride->cells()));
        if (!value || *value < 2 * frame || *value % frame != 0) {
            problems.add("{}: redistributor-stride is not a multiple of 64 KiB", node.name());
            return false;
        }
        gic.redistributor_stride = *value;
    }
    return true;
}

/// [Linux, Documentation/devicetree/bindings/interrupt-controller/arm,gic.yaml]
bool read_gicv2(const DeviceTree& tree, const DeviceNode& node, InterruptController& gic, Problems& problems) {
    constexpr std::size_t parts = 4;
    for (std::size_t i = 0; i < parts; ++i) {
        const auto part = tree.translated_reg(node, i);
        if (!part) {
            problems.add("{}: reg {} of 4, with virtualization extensions: {}", node.name(), i, part.error());
            return false;
        }
        (void)gic.registers.push_back(*part); // has room for more
    }
    return true;
}

/// How the node of a kind of interrupt controller is read.
struct GicBinding {
    std::string_view compatible;
    /// Fills `gic`. @return false if the node is malformed; `problems` says why
    bool (*read)(const DeviceTree& tree, const DeviceNode& node, InterruptController& gic, Problems& problems);
};

constexpr std::array gic_bindings{
    GicBinding{gicv3_compatible, read_gicv3},
    GicBinding{gicv2_compatibles[0], read_gicv2},
    GicBinding{gicv2_compatibles[1], read_gicv2},
};

struct FoundGic {
    const GicBinding& binding;
    DeviceNode node;
};

std::optional<FoundGic> find_gic(const DeviceTree& tree) {
    for (const GicBinding& binding : gic_bindings) {
        if (const auto node = tree.find_compatible(binding.compatible.data())) {
            return FoundGic{binding, *node};
        }
    }
    return std::nullopt;
}

} // namespace

Result<u32> interrupt(const DeviceTree& tree, const DeviceNode& node, std::size_t index) {
    const auto interrupts = node.property("interrupts");
    // Three cells: kind, number, flags. A fourth cell, the PPI's partition, exists only on asymmetric machines, which
    // are not supported; then the size is usually not a multiple of three.
    constexpr std::size_t cells = 3;
    if (!interrupts || index >= interrupts->cells() / cells) {
        return fail(Error::NotFound);
    }
    const auto parent = tree.interrupt_parent(node);
    const auto gic = find_gic(tree);
    if (parent && gic && gic->node.u32_property("phandle") != *parent) {
        return fail(Error::Unsupported);
    }
    const u32 kind = TRY(interrupts->cell(index * cells));
    const u32 number = TRY(interrupts->cell(index * cells + 1));
    if (kind == 0 && number < spi_count) {
        return first_spi + number;
    }
    if (kind == 1 && number < ppi_count) {
        return first_ppi + number;
    }
    return fail(Error::Invalid);
}

void parse_gic(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const auto found = find_gic(tree);
    if (!found) {
        return;
    }
    InterruptController gic;
    gic.compatible = found->binding.compatible;
    if (!found->binding.read(tree, found->node, gic, problems)) {
        return;
    }
    if (const auto intid = interrupt(tree, found->node, 0)) {
        gic.maintenance_intid = *intid;
    }
    machine.gic = gic;
}

void parse_timer(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const auto node = tree.find_compatible("arm,armv8-timer");
    if (!node) {
        problems.add("the device tree has no timer (a node compatible with arm,armv8-timer)");
        return;
    }
    machine.timer.virtual_intid = timer_interrupt(tree, *node, 2, problems);
    machine.timer.hyp_intid = timer_interrupt(tree, *node, 3, problems);
}

/// [Linux, Documentation/devicetree/bindings/arm/pmu.yaml] Where each CPU's monitors have an SPI, the node is left alone.
void parse_pmu(const DeviceTree& tree, Machine& machine) {
    for (const char* const compatible : {"arm,armv8-pmuv3", "arm,cortex-a53-pmu", "arm,cortex-a57-pmu",
                                         "arm,cortex-a72-pmu", "arm,cortex-a76-pmu", "arm,neoverse-n1-pmu"}) {
        if (const auto node = tree.find_compatible(compatible)) {
            const auto intid = interrupt(tree, *node, 0);
            if (intid && *intid < first_spi) {
                machine.pmu = Pmu{*intid};
            }
            return;
        }
    }
}

} // namespace trv::machine
