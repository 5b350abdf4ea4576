// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.hpp"

namespace trv::machine {
namespace {

/// Aff3, Aff2, Aff1 and Aff0 of MPIDR_EL1; the other bits of `reg` must be 0.
/// [Linux, Documentation/devicetree/bindings/arm/cpus.yaml]
constexpr u64 affinity_mask = 0xff'00ff'ffff;

void parse_cpu(const DeviceNode& node, unsigned cells, Machine& machine, Problems& problems) {
    const auto reg = node.property("reg");
    const auto mpidr = reg ? reg->number(0, cells) : fail(Error::NotFound);
    if (!mpidr || cells == 0 || (*mpidr & ~affinity_mask) != 0) {
        problems.add("{}: reg is not an MPIDR affinity value, CPU ignored", node.name());
        return;
    }
    for (const Cpu& other : machine.cpus) {
        if (other.mpidr == *mpidr) {
            problems.add("{}: a second CPU with reg {}, ignored", node.name(), hex(*mpidr));
            return;
        }
    }
    const auto method = node.text_property("enable-method");
    if (!machine.cpus.push_back({*mpidr, method && *method == "psci"})) {
        problems.add("{}: more than {} CPUs, ignored", node.name(), max_cpus);
    }
}

} // namespace

void parse_cpus(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const auto cpus = tree.root().child("cpus");
    if (!cpus) {
        return;
    }
    const auto cells = cpus->address_cells();
    if (!cells) {
        problems.add("/cpus: #address-cells: {}", cells.error());
        return;
    }
    for (const DeviceNode node : cpus->children()) {
        const auto type = node.text_property("device_type");
        if (type && *type == "cpu" && node.is_enabled()) {
            parse_cpu(node, *cells, machine, problems);
        }
    }
}

void parse_psci(const DeviceTree& tree, Machine& machine, Problems& problems) {
    // [Linux, Documentation/devicetree/bindings/arm/psci.yaml]; version 0.1, whose function numbers are in the
    // node, was superseded before the first arm64 system was sold.
    auto node = tree.find_compatible("arm,psci-1.0");
    const bool v1_0 = node.has_value();
    if (!v1_0) {
        node = tree.find_compatible("arm,psci-0.2");
    }
    if (!node) {
        return;
    }
    const auto method = node->text_property("method");
    if (!method || (*method != "smc" && *method != "hvc")) {
        problems.add("{}: method is neither smc nor hvc", node->name());
        return;
    }
    machine.psci = Psci{.method = *method == "smc" ? Psci::Method::Smc : Psci::Method::Hvc,
                        .version = v1_0 ? Psci::Version::V1_0 : Psci::Version::V0_2};
}

} // namespace trv::machine
