// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/machine_tree.hpp"

#include "contract/manager.hpp"
#include "tool/machine/values/name_uuid.hpp"
#include "tool/tree/flat_tree.hpp"

#include <fmt/format.h>

namespace trv::tool::tree {

namespace {

/// A property of one cell.
template <typename Settings>
Result<void> set(FlatTree& tree, FlatTree::Node node, const contract::Number<Settings>& row, const Settings& settings) {
    return tree.set_cells(node, row.property.name, {settings.*row.member});
}
/// The same, if it is given.
template <typename Settings>
Result<void> set(FlatTree& tree, FlatTree::Node node,
                 const contract::Number<Settings, std::optional<std::uint32_t>>& row, const Settings& settings) {
    const auto& value = settings.*row.member;
    return value ? tree.set_cells(node, row.property.name, {*value}) : Result<void>{};
}
template <typename Settings, typename Value, std::size_t count>
Result<void> set(FlatTree& tree, FlatTree::Node node, const contract::Choice<Settings, Value, count>& row,
                 const Settings& settings) {
    return tree.set_text(node, row.property.name, std::string{row.word_of(settings)});
}

Result<void> set_rules(FlatTree& tree, FlatTree::Node node, const char* name, const std::vector<machine::Uuid>& rules) {
    if (rules.empty()) {
        return {};
    }
    std::string bytes;
    for (const auto& uuid : rules) {
        bytes.append(uuid.begin(), uuid.end());
    }
    return tree.set_bytes(node, name, bytes);
}

/// The properties `tee` and `tee-…`; limits that are not in the description are left out.
Result<void> set_tee(FlatTree& tree, FlatTree::Node node, const machine::TeeDescription& tee) {
    const contract::TeeSettings& settings = tee;
    TRY(tree.set_flag(node, contract::tee_property.name));
    TRY(set_rules(tree, node, contract::tee_allow_property.name, tee.allow));
    TRY(set_rules(tree, node, contract::tee_deny_property.name, tee.deny));
    if (tee.otherwise != contract::TeeSettings{}.otherwise) {
        TRY(set(tree, node, contract::tee_default, settings));
    }
    for (const auto& row : contract::tee_numbers) {
        TRY(set(tree, node, row, settings));
    }
    return {};
}

Result<void> set_settings(FlatTree& tree, FlatTree::Node node, const contract::VmSettings& settings) {
    for (const auto& row : contract::vm_numbers) {
        TRY(set(tree, node, row, settings));
    }
    Result<void> result;
    contract::for_each_vm_choice([&](const auto& row) {
        result = set(tree, node, row, settings);
        return result.has_value();
    });
    return result;
}

Result<void> set_image(FlatTree& tree, FlatTree::Node node, const char* name, const Module& image) {
    return image.member.empty() ? tree.set_wide(node, name, {image.address, image.size})
                                : tree.set_text(node, name, image.member);
}

Result<void> fill(FlatTree& tree, FlatTree::Node node, const VmNode& vm) {
    const contract::VmSettings& settings = vm.vm;
    TRY(tree.set_text(node, contract::compatible_property.name, contract::vm_compatible));
    TRY(tree.set_text(node, contract::label_property.name, vm.vm.name));
    TRY(tree.set_wide(node, contract::memory_property.name, {vm.vm.memory}));
    TRY(set(tree, node, contract::vcpus_property, settings));
    if (!vm.vm.cpus.empty()) {
        TRY(tree.set_cells(node, contract::cpus_property.name, {vm.vm.cpus.begin(), vm.vm.cpus.end()}));
    }
    TRY(set_image(tree, node, contract::kernel_property.name, vm.kernel));
    if (settings.firmware_size != 0) {
        TRY(set(tree, node, contract::firmware_property, settings));
    }
    if (vm.ramdisk) {
        TRY(set_image(tree, node, contract::ramdisk_property.name, *vm.ramdisk));
    }
    if (!vm.bootargs.empty()) {
        TRY(tree.set_text(node, contract::bootargs_property.name, vm.bootargs));
    }
    TRY(set_settings(tree, node, settings));
    return vm.vm.tee ? set_tee(tree, node, *vm.vm.tee) : Result<void>{};
}

/// Only the host has one.
Result<void> set_manager_group(FlatTree& tree, FlatTree::Node node, const machine::VmDescription& vm) {
    if (!vm.manager_group) {
        return {};
    }
    const auto name = fmt::format("gid={:x}", *vm.manager_group); // as the kernel's TEE subsystem writes it
    return set_rules(tree, node, contract::manager_group_property.name,
                     {machine::name_uuid(contract::manager::caller_name_space, name)});
}

/// Adds /chosen/trivisor.
Result<void> add_machine(FlatTree& tree, contract::ConsoleMode console, const std::vector<VmNode>& vms,
                         const MachineNode& machine) {
    const auto chosen = TRY(tree.find_or_add(tree.root(), "chosen"));
    const auto ours = TRY(tree.add(chosen, "trivisor"));
    TRY(tree.set_text(ours, contract::machine_compatible_property.name, contract::machine_compatible));
    TRY(tree.set_text(ours, contract::console_property.name, std::string{contract::console_word(console)}));
    if (machine.trace_bytes) {
        TRY(tree.set_cells(ours, contract::trace_bytes_property.name, {*machine.trace_bytes}));
    }
    if (machine.address_spaces) {
        TRY(tree.set_cells(ours, contract::address_spaces_property.name, {*machine.address_spaces}));
    }
    if (machine.partitions) {
        TRY(tree.set_cells(ours, contract::partitions_property.name, {*machine.partitions}));
    }
    // libfdt inserts a new node before its siblings: the last VM is added first, so that the first VM is the first in
    // the tree.
    for (std::size_t index = vms.size(); index > 0; --index) {
        const auto node = TRY(tree.add(ours, fmt::format("{}@{:x}", contract::vm_node, index - 1)));
        TRY(fill(tree, node, vms[index - 1]));
        TRY(set_manager_group(tree, node, vms[index - 1].vm));
    }
    return {};
}

} // namespace

Result<std::string> compile_tree(std::string_view hardware, const std::vector<VmNode>& vms,
                                 const MachineNode& machine) {
    FlatTree tree = TRY(FlatTree::open(hardware, tree_room));
    TRY(add_machine(tree, contract::ConsoleMode::Framed, vms, machine));
    return std::string{tree.bytes()};
}

Result<std::string> compile_bundle_tree(const std::vector<VmNode>& vms, const MachineNode& machine) {
    FlatTree tree = TRY(FlatTree::create(tree_room));
    TRY(add_machine(tree, contract::ConsoleMode::Plain, vms, machine));
    return tree.packed();
}

Result<std::string> compile_vm_tree(const VmNode& vm) {
    FlatTree tree = TRY(FlatTree::create(contract::manager::largest_tree));
    VmNode node = vm;
    node.kernel.address = 0;
    if (node.ramdisk) {
        node.ramdisk->address = 0;
    }
    TRY(fill(tree, TRY(tree.add(tree.root(), fmt::format("{}@0", contract::vm_node))), node));
    return tree.packed();
}

} // namespace trv::tool::tree
