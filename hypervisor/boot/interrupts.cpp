// SPDX-License-Identifier: Apache-2.0
#include "boot/interrupts.hpp"

#include "arch/gicv3.hpp"
#include "lib/fixed_vector.hpp"
#include "vm/interrupts.hpp"

namespace trv::boot {
namespace {

constinit arch::Gicv3 gic;

/// The PPIs that the Server Base System Architecture assigns, if the tree does not name them.
constexpr u32 usual_maintenance = 25;
constexpr u32 usual_hyp_timer = 26;
constexpr u32 usual_virtual_timer = 27;

std::optional<IntId> as_intid(std::optional<u32> number) {
    return number ? std::optional(IntId(*number)) : std::nullopt;
}

void enable_spi(IntId intid) {
    gic.route(intid, vm::this_cpu().mpidr);
    gic.enable(intid);
}

} // namespace

Result<void> start_interrupts(const machine::Machine& machine, memory::HostSpace& space) {
    vm::set_interrupt_numbers({IntId(machine.timer.virtual_intid.value_or(usual_virtual_timer)),
                               IntId(machine.timer.hyp_intid.value_or(usual_hyp_timer)),
                               IntId(machine.gic->maintenance_intid.value_or(usual_maintenance)),
                               machine.uart ? as_intid(machine.uart->intid) : std::nullopt,
                               machine.optee ? as_intid(machine.optee->notification_intid) : std::nullopt});
    FixedVector<arch::RedistributorRegion, machine::max_redistributor_regions> regions;
    for (const PaRange& region : machine.gic->redistributors) {
        (void)regions.push_back(
            {TRY(space.map_device(region)), region.size}); // has the same capacity as the description
    }
    const Va distributor = TRY(space.map_device(machine.gic->distributor));
    TRY(gic.init(distributor, {regions.begin(), regions.size()}, machine.gic->redistributor_stride));
    const auto& numbers = vm::interrupt_numbers();
    if (numbers.uart && numbers.uart->value < gic.interrupts()) {
        enable_spi(*numbers.uart);
    }
    return {};
}

void enable_tee_interrupt() {
    const auto& numbers = vm::interrupt_numbers();
    if (numbers.tee && numbers.tee->value < gic.interrupts()) {
        gic.set_trigger(*numbers.tee, arch::Trigger::Edge);
        enable_spi(*numbers.tee);
    }
}

Result<void> start_cpu_interrupts(vm::PerCpu& cpu) {
    TRY(gic.init_cpu(cpu.index));
    cpu.redistributor_ = &gic.redistributor(cpu.index);
    const auto& numbers = vm::interrupt_numbers();
    for (const IntId intid : {vm::attention_sgi, numbers.virtual_timer, numbers.hyp_timer, numbers.maintenance}) {
        cpu.redistributor_->enable(intid);
    }
    return {};
}

} // namespace trv::boot
