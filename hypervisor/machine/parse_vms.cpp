// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.hpp"
#include "machine/vm_parser.hpp"

namespace trv::machine {
namespace {

bool label_taken(const Machine& machine, std::string_view label) {
    for (const VmDescription& other : machine.vms) {
        if (other.label == label) {
            return true;
        }
    }
    return false;
}

bool index_taken(const Machine& machine, unsigned index) {
    for (const VmDescription& other : machine.vms) {
        if (other.index == index) {
            return true;
        }
    }
    return false;
}

/// The machine's devices are one VM's.
bool has_host(const Machine& machine) {
    for (const VmDescription& other : machine.vms) {
        if (other.devices == DeviceSet::All) {
            return true;
        }
    }
    return false;
}

void sort_by_index(FixedVector<VmDescription, max_vms>& vms) {
    for (std::size_t i = 1; i < vms.size(); ++i) {
        for (std::size_t j = i; j > 0 && vms[j].index < vms[j - 1].index; --j) {
            const VmDescription later = vms[j - 1];
            vms[j - 1] = vms[j];
            vms[j] = later;
        }
    }
}

void parse_vm(const DeviceNode& node, const Images& images, Machine& machine, Problems& problems) {
    VmParser parser(node, machine, images, problems);
    auto vm = parser.parse();
    if (vm && index_taken(machine, vm->index)) {
        vm = parser.refuse("unit address", "a unique index");
    }
    if (vm && label_taken(machine, vm->label)) {
        vm = parser.refuse("label", "a unique name");
    }
    if (vm && vm->devices == DeviceSet::All && has_host(machine)) {
        vm = parser.refuse("devices", "virtual, because another VM has all");
    }
    // The vector has room: indices are below max_vms and differ.
    const bool kept = vm ? machine.vms.push_back(*vm) : machine.refused.push_back(parser.refused());
    if (!kept) {
        problems.add("/chosen/trivisor/{}: more than {} VMs, ignored", node.name(), max_vms);
    }
}

/// @param too_few the largest number that is
void read_count(const DeviceNode& config, const char* name, u32 too_few, u32& count, Problems& problems) {
    if (!config.has(name)) {
        return;
    }
    const auto read = config.u32_property(name);
    if (read && *read > too_few) {
        count = *read;
    } else {
        problems.add("/chosen/trivisor: {}: expected one cell, more than {}", std::string_view(name), too_few);
    }
}

} // namespace

void parse_vms(const DeviceTree& tree, const Images& images, Machine& machine, Problems& problems) {
    const auto chosen = tree.root().child("chosen");
    const auto config = chosen ? chosen->child("trivisor") : std::nullopt;
    if (!config) {
        return;
    }
    if (!config->is_compatible(contract::machine_compatible)) {
        problems.add("/chosen/trivisor: compatible: expected {}; no VMs", contract::machine_compatible);
        return;
    }
    machine.configured = true;
    if (const auto console = config->property(contract::console_property.name)) {
        const auto mode = console->text();
        if (mode && *mode == contract::console_word(ConsoleMode::Framed)) {
            machine.console = ConsoleMode::Framed;
        } else if (!mode || *mode != contract::console_word(ConsoleMode::Plain)) {
            problems.add("/chosen/trivisor: console: expected framed or plain; using plain");
        }
    }
    if (config->has(contract::trace_bytes_property.name)) {
        const auto bytes = config->u32_property(contract::trace_bytes_property.name);
        if (bytes) {
            machine.trace_bytes = *bytes;
        } else {
            problems.add("/chosen/trivisor: trace-bytes: expected one cell; tracing is off");
        }
    }
    read_count(*config, contract::address_spaces_property.name, max_vms, machine.address_spaces, problems);
    read_count(*config, contract::partitions_property.name, 0, machine.partitions, problems);
    for (const DeviceNode node : config->children()) {
        if (node.base_name() == contract::vm_node) {
            parse_vm(node, images, machine, problems);
        } else {
            problems.add("/chosen/trivisor/{}: unknown node, ignored", node.name());
        }
    }
    sort_by_index(machine.vms);
}

} // namespace trv::machine
