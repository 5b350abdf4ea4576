// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"
#include "tool/tree/module_layout.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::tree {

/// One VM of the description with all data for its node resolved.
struct VmNode {
    machine::VmDescription vm;
    Module kernel;
    std::optional<Module> ramdisk;
    std::string bootargs;
};

/// What the tree says about the machine beside its VMs.
struct MachineNode {
    std::optional<std::uint32_t> trace_bytes{}; ///< of each CPU's ring for a trace from boot on; none: tracing is off
    std::optional<std::uint32_t> address_spaces{}; ///< of OP-TEE; none: as many as Debian's has
    std::optional<std::uint32_t> partitions{};     ///< of OP-TEE; none: not known
};

/// Adds /chosen/trivisor to the machine's own device tree; contract/machine_tree.hpp has its properties.
/// @param hardware     the tree that describes the machine, as QEMU wrote it
/// @return             the tree to boot with, with room for what the firmware adds
[[nodiscard]] Result<std::string> compile_tree(std::string_view hardware, const std::vector<VmNode>& vms,
                                               const MachineNode& machine = {});

/// A tree that has /chosen/trivisor alone, for a bundle (contract/bundle.hpp). The console is for a person.
/// @param vms  whose images are members of the bundle
[[nodiscard]] Result<std::string> compile_bundle_tree(const std::vector<VmNode>& vms, const MachineNode& machine = {});

/// A tree whose root has the node of one VM, for the manager of the hypervisor (contract/manager.hpp). The addresses of
/// its images are not used.
[[nodiscard]] Result<std::string> compile_vm_tree(const VmNode& vm);

} // namespace trv::tool::tree
