// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/machine_tree.hpp"

#include "tool/tree/flat_tree.hpp"
#include "tool/tree/tee_properties.hpp"

#include <fmt/format.h>

namespace trv::tool::tree {

namespace {

std::string word_for(machine::OnReboot policy) {
    switch (policy) {
    case machine::OnReboot::Stop:
        return "stop";
    case machine::OnReboot::HaltMachine:
        return "halt-machine";
    case machine::OnReboot::Restart:
        break;
    }
    return "restart";
}

std::string word_for(machine::OnCrash policy) {
    switch (policy) {
    case machine::OnCrash::Restart:
        return "restart";
    case machine::OnCrash::HaltMachine:
        return "halt-machine";
    case machine::OnCrash::Stop:
        break;
    }
    return "stop";
}

Result<void> fill(FlatTree& tree, FlatTree::Node node, const VmNode& vm) {
    TRY(tree.set_text(node, "compatible", "trivisor,vm"));
    TRY(tree.set_text(node, "label", vm.vm.name));
    TRY(tree.set_wide(node, "memory-size", {vm.vm.memory}));
    TRY(tree.set_cells(node, "vcpus", {vm.vm.vcpus}));
    if (!vm.vm.cpus.empty()) {
        TRY(tree.set_cells(node, "cpus", {vm.vm.cpus.begin(), vm.vm.cpus.end()}));
    }
    TRY(tree.set_wide(node, "kernel", {vm.kernel.address, vm.kernel.size}));
    if (vm.ramdisk) {
        TRY(tree.set_wide(node, "ramdisk", {vm.ramdisk->address, vm.ramdisk->size}));
    }
    if (!vm.bootargs.empty()) {
        TRY(tree.set_text(node, "bootargs", vm.bootargs));
    }
    TRY(tree.set_cells(node, "weight", {vm.vm.weight}));
    TRY(tree.set_cells(node, "cap", {vm.vm.cap}));
    TRY(tree.set_text(node, "on-reboot", word_for(vm.vm.on_reboot)));
    TRY(tree.set_text(node, "on-crash", word_for(vm.vm.on_crash)));
    return vm.vm.tee ? set_tee(tree, node, *vm.vm.tee) : Result<void>{};
}

} // namespace

Result<std::string> compile_tree(std::string_view hardware, const std::vector<VmNode>& vms,
                                 std::optional<std::uint32_t> trace_bytes) {
    FlatTree tree = TRY(FlatTree::open(hardware, tree_room));
    const auto chosen = TRY(tree.find_or_add(tree.root(), "chosen"));
    const auto ours = TRY(tree.add(chosen, "trivisor"));
    TRY(tree.set_text(ours, "compatible", "trivisor,machine-v1"));
    TRY(tree.set_text(ours, "console", "framed"));
    if (trace_bytes) {
        TRY(tree.set_cells(ours, "trace-bytes", {*trace_bytes}));
    }
    // libfdt inserts a new node before its siblings: the last VM is added first, so that the first VM is the first in
    // the tree.
    for (std::size_t index = vms.size(); index > 0; --index) {
        const auto node = TRY(tree.add(ours, fmt::format("vm@{:x}", index - 1)));
        TRY(fill(tree, node, vms[index - 1]));
    }
    return std::string{tree.bytes()};
}

} // namespace trv::tool::tree
