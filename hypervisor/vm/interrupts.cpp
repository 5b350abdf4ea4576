// SPDX-License-Identifier: Apache-2.0
#include "vm/interrupts.hpp"

#include "irqchip/chip.hpp"
#include "sched/per_cpu.hpp"
#include "vm/vm.hpp"

namespace trv::vm {
namespace {

/// The guest's timer: the interrupt stays active until the guest itself deactivates it through its list register.
void virtual_timer_fired(void*, IntId intid) {
    sched::PerCpu& cpu = sched::this_cpu();
    Vcpu* const vcpu = loaded_vcpu(cpu);
    if (vcpu == nullptr) { // it fired while its vCPU was being unloaded, which disabled it
        irqchip::Gic::deactivate(intid);
        return;
    }
    vcpu->vm().vgic().inject_hardware(vcpu->index(), IntId(guest::timer_virtual_intid));
    if (vcpu != current_vcpu(cpu)) {
        vcpu->wake();
    }
}

void maintenance_needed(void*, IntId) {
    if (Vcpu* const vcpu = loaded_vcpu(sched::this_cpu())) {
        vcpu->vm().vgic().maintenance(vcpu->index());
    }
}

} // namespace

Result<void> claim_interrupts(irq::Table& table, IntId virtual_timer, IntId maintenance) {
    TRY(table.claim(virtual_timer, {.handler = virtual_timer_fired, .completion = irq::Completion::ByGuest}));
    return table.claim(maintenance, {.handler = maintenance_needed});
}

} // namespace trv::vm
