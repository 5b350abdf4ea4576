// SPDX-License-Identifier: Apache-2.0
#include "boot/ram.hpp"

#include <algorithm>

namespace trv::boot {

using memory::FrameOwner;

void RamPlan::take(PaRange range, FrameOwner owner) {
    MUST(taken_.push_back({range, owner}));
}

namespace {

/// Some boot loaders reserve the initial RAM disk, so that no kernel takes it for free. It is theirs to give to VMs.
bool is_initrd(const machine::Machine& machine, const machine::ReservedRange& reserved) {
    return !reserved.no_map && machine.initrd && memory::pages_around(*machine.initrd) == reserved.range;
}

} // namespace

RamPlan plan_ram(const machine::Machine& machine, PaRange image, PaRange tree, const vm::Host* host) {
    const auto pools = host != nullptr ? host->pools() : std::span<const PaRange>();
    RamPlan plan;
    plan.banks_ = machine.ram;
    // The first owner named for a frame counts: firmware's memory stays firmware's, whatever a VM's description says; and
    // the pools of the host's devices come last: if something else is in one, the host is refused.
    for (const machine::ReservedRange& reserved : machine.reserved) {
        if (is_initrd(machine, reserved) ||
            (!reserved.no_map && std::ranges::find(pools, reserved.range) != pools.end())) {
            continue;
        }
        const bool arena = machine.optee && machine.optee->shared_memory == reserved.range;
        plan.take(reserved.range, arena ? FrameOwner::Arena : FrameOwner::Reserved);
        if (reserved.no_map && !arena) {
            (void)plan.no_map_.push_back(reserved.range); // has the same capacity as the reservations
        }
    }
    plan.take(image, FrameOwner::Hypervisor);
    plan.take(tree, FrameOwner::Hypervisor);
    if (machine.initrd) {
        plan.take(*machine.initrd, FrameOwner::Modules);
    }
    for (const machine::VmDescription& vm : machine.vms) {
        plan.take(vm.kernel, FrameOwner::Modules);
        if (vm.ramdisk) {
            plan.take(*vm.ramdisk, FrameOwner::Modules);
        }
    }
    for (const PaRange& pool : pools) {
        plan.take(pool, host->owner());
    }
    return plan;
}

} // namespace trv::boot
