// SPDX-License-Identifier: Apache-2.0
#include "vm/pmu.hpp"

#include "vm/vm.hpp"

namespace trv::vm {
namespace {

void update_interrupt(Vcpu& vcpu) {
    vcpu.vm().vgic().set_private_level(vcpu.index(), IntId(guest::pmu_intid), vcpu.context().pmu.is_asserted());
}

/// A counter of the loaded guest has overflowed. It asserts the physical interrupt no more when this has returned.
void counter_overflowed(void*, IntId) {
    if (Vcpu* const vcpu = loaded_vcpu(sched::this_cpu())) {
        const PausedPmu paused(*vcpu);
    }
}

} // namespace

PausedPmu::PausedPmu(Vcpu& vcpu) : vcpu_(vcpu) {
    unload_pmu(vcpu_);
}

/// For counters that have overflowed the guest's interrupt is asserted; only the others interrupt.
PausedPmu::~PausedPmu() {
    update_interrupt(vcpu_);
    const arch::PmuRegisters& pmu = vcpu_.context().pmu;
    if (pmu.in_use()) {
        arch::load_pmu(pmu, pmu.interrupts & ~pmu.overflowed);
    }
}

/// A counter may have overflowed just before the vCPU was unloaded: it interrupts now.
void load_pmu(Vcpu& vcpu) {
    const arch::PmuRegisters& pmu = vcpu.context().pmu;
    if (pmu.in_use()) [[unlikely]] {
        arch::load_pmu(pmu, pmu.interrupts);
    }
}

void unload_pmu(Vcpu& vcpu) {
    if (vcpu.context().pmu.in_use()) [[unlikely]] {
        arch::save_pmu(vcpu.context().pmu);
    }
}

void reset_pmu(Vcpu& vcpu) {
    if (vcpu.home().scheduler.loaded() == &vcpu) {
        unload_pmu(vcpu);
    }
    vcpu.context().pmu = {};
    update_interrupt(vcpu);
}

Result<void> claim_pmu_interrupt(irq::Table& table, IntId pmu) {
    return table.claim(pmu, {.handler = counter_overflowed});
}

} // namespace trv::vm
