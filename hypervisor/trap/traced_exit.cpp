// SPDX-License-Identifier: Apache-2.0
#include "trap/traced_exit.hpp"

#include "arch/entry.hpp"
#include "arch/exception/exception_state.hpp"
#include "arch/registers/syndrome.hpp"
#include "irqchip/chip.hpp"
#include "lib/fixed_vector.hpp"
#include "sched/trace_points.hpp"
#include "vm/vm.hpp"

#include <algorithm>

namespace trv::trap {

namespace {

using trace::Reason;

/// The vCPU whose interrupts are in this CPU's list registers, and those that are pending.
struct Presented {
    unsigned vm = 0;
    unsigned vcpu = 0;
    FixedVector<u32, irqchip::max_list_registers> intids;

    explicit Presented(vm::Vcpu& owner) : vm(owner.vm().index()), vcpu(owner.index()) {
        const unsigned count = irqchip::ich_vtr::list_registers(irqchip::VirtualInterface::vtr());
        for (unsigned n = 0; n < count; ++n) {
            const u64 lr = irqchip::VirtualInterface::list_register(n);
            if ((lr & irqchip::ich_lr::state_mask) == irqchip::ich_lr::pending) {
                (void)intids.push_back(irqchip::ich_lr::intid_of(lr)); // has room for all
            }
        }
    }
    [[nodiscard]] bool has(const Presented& others, u32 intid) const {
        return vm == others.vm && vcpu == others.vcpu && std::ranges::find(intids, intid) != intids.end();
    }
};

struct Cause {
    Reason reason;
    u32 a = 0;
    u64 b = 0;
};

Cause cause_of_sync(vm::Vcpu& vcpu) {
    const arch::Syndrome syndrome{arch::exception_syndrome()};
    const u32 iss = static_cast<u32>(syndrome.iss());
    const u32 function = static_cast<u32>(vcpu.registers().x[0]);
    switch (syndrome.exception_class()) {
    case arch::ExceptionClass::Hvc32:
    case arch::ExceptionClass::Hvc64:
        return {Reason::Hypercall, function};
    case arch::ExceptionClass::Smc32:
    case arch::ExceptionClass::Smc64:
        return {Reason::Smc, function};
    case arch::ExceptionClass::SystemRegister:
        return {Reason::SystemRegister, iss};
    case arch::ExceptionClass::Wfx:
        return {Reason::Wfi, iss};
    case arch::ExceptionClass::DataAbortLower:
    case arch::ExceptionClass::InstructionAbortLower: {
        const Ipa ipa = arch::faulting_ipa(arch::fault_page(), arch::fault_address());
        const bool device = vcpu.vm().devices().bus().find(ipa, 1, vcpu.index()) != nullptr;
        return {device ? Reason::Mmio : Reason::Fault, iss, ipa.value};
    }
    default:
        return {Reason::Fault, iss};
    }
}

Cause cause_of(arch::ExitKind kind, vm::Vcpu& vcpu) {
    switch (kind) {
    case arch::ExitKind::Sync:
        return cause_of_sync(vcpu);
    case arch::ExitKind::SError:
        return {Reason::SError};
    case arch::ExitKind::Irq:
    case arch::ExitKind::Fiq:
        break;
    }
    return {Reason::Interrupt};
}

void record_entry(sched::PerCpu& cpu, const Presented& before) {
    trace::Ring* const ring = sched::trace_ring(cpu);
    if (ring == nullptr) { // the trace was stopped meanwhile
        return;
    }
    vm::Vcpu& vcpu = *vm::current_vcpu(cpu);
    const Presented now(vcpu);
    for (const u32 intid : now.intids) {
        if (!before.has(now, intid)) {
            sched::write_trace(*ring, trace::Kind::Inject, vcpu, 0, intid, 0);
        }
    }
    sched::write_trace(*ring, trace::Kind::Enter, vcpu, 0, 0, 0);
}

} // namespace

void traced_exit(arch::ExitKind kind, arch::CpuBlock& block) {
    sched::PerCpu& cpu = static_cast<sched::PerCpu&>(block);
    vm::Vcpu& vcpu = *vm::current_vcpu(cpu);
    const Cause cause = cause_of(kind, vcpu);
    sched::trace_event(cpu, trace::Kind::Exit, vcpu, static_cast<u8>(cause.reason), cause.a, cause.b);
    const Presented before(vcpu);
    trivisor_exit(kind, block); // its VM may be gone afterwards
    record_entry(cpu, before);
}

} // namespace trv::trap
