// SPDX-License-Identifier: Apache-2.0
#include "sched/interrupts.hpp"
#include "sched/per_cpu.hpp"
#include "trap/smc_service.hpp"
#include "vm/vm.hpp"

namespace trv::trap {

void SecureCalls::handle(vm::Vcpu& vcpu, u32) {
    vm::Vm& vm = vcpu.vm();
    tee::SecureService* const service = vm.services().find(vm::ServiceKind::Optee);
    if (service == nullptr) {
        vcpu.registers().x[0] = ~u64{0}; // NOT_SUPPORTED: no OP-TEE for this VM
        return;
    }
    sched::PerCpu& cpu = vcpu.home();
    const tee::Registers registers(vcpu.registers().x, 18);
    tee::Outcome outcome = service->call(registers, vcpu.index());
    while (outcome.kind == tee::Outcome::Kind::ForeignInterrupt) {
        sched::handle_interrupts(cpu);
        if (vm.stop().is_made()) {
            return; // the vCPU is parked before its next instruction, and the call ends with the partition
        }
        if (cpu.attention.load(std::memory_order_relaxed) || vm.vgic().has_deliverable(vcpu.index())) {
            outcome = service->deliver_foreign_interrupt(outcome.slot, registers);
        } else {
            outcome = service->resume_absorbed(outcome.slot, registers);
        }
    }
}

} // namespace trv::trap
