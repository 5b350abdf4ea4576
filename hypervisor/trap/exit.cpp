// SPDX-License-Identifier: Apache-2.0
// Guests' exits to EL2, and entries.

#include "arch/aarch32/condition.hpp"
#include "arch/asynchronous_error.hpp"
#include "arch/exception/exception_state.hpp"
#include "arch/exception/exit_kind.hpp"
#include "arch/registers/syndrome.hpp"
#include "arch/skip_instruction.hpp"
#include "generated/option/aarch32.hpp"
#include "sched/interrupts.hpp"
#include "sched/per_cpu.hpp"
#include "trap/aarch32_exit.hpp"
#include "trap/guest_exception.hpp"
#include "trap/handlers.hpp"
#include "vm/guest_error.hpp"
#include "vm/vm.hpp"

namespace trv::trap {
namespace {

using namespace arch;

/// WFI gives up the CPU, unless an interrupt is pending. WFE only yields it, because it waits for a change in memory.
void handle_wfx(vm::Vcpu& vcpu, u64 iss) {
    const bool wfe = (iss & 1) != 0;
    if (wfe) {
        vcpu.home().scheduler.yield();
        return;
    }
    vcpu.wait_for_interrupt();
}

[[gnu::cold, gnu::noinline]] void handle_unexpected(vm::Vcpu& vcpu, u64 syndrome) {
    vcpu.statistics.count(vm::ExitReason::Fault);
    log_limited(vcpu.vm().log_limit(), "{}: vCPU {}: {} at {}: undefined", vcpu.vm().name(), vcpu.index(),
                describe_exception_class(syndrome), hex(vcpu.registers().pc));
    inject_undefined(vcpu);
}

/// ESR_EL2 of an HVC or SMC whose immediate is 0: the only ones that are calls [SMCCC 2.9].
constexpr u64 call_syndrome(ExceptionClass exception_class) {
    constexpr u64 instruction_length_32 = bit(25);
    return static_cast<u64>(exception_class) << 26 | instruction_length_32;
}

/// HVC and SMC with a reserved immediate [SMCCC 2.9], and classes below theirs that come by mistake.
[[gnu::cold, gnu::noinline]] void handle_reserved_call(vm::Vcpu& vcpu, Syndrome syndrome) {
    switch (syndrome.exception_class()) {
    case ExceptionClass::Hvc64:
        vcpu.statistics.count(vm::ExitReason::Hypercall);
        refuse_hypercall(vcpu);
        return;
    case ExceptionClass::Smc64:
        vcpu.statistics.count(vm::ExitReason::Smc);
        skip_instruction(vcpu.registers(), 4);
        refuse_hypercall(vcpu);
        return;
    default:
        if constexpr (option::aarch32) {
            if (vcpu.is_aarch32() && aarch32::handle_sync(vcpu, syndrome)) {
                return;
            }
        }
        handle_unexpected(vcpu, syndrome.value);
        return;
    }
}

/// Whether a trapped WFI or WFE is one to execute.
bool is_executed(vm::Vcpu& vcpu, Syndrome syndrome) {
    if constexpr (option::aarch32) {
        const u64 pstate = vcpu.registers().pstate;
        return (pstate & spsr::AArch32) == 0 || arch::aarch32::is_executed(syndrome.value, pstate);
    }
    return true;
}

void handle_sync(vm::Vcpu& vcpu) {
    const Syndrome syndrome{exception_syndrome()};
    if (syndrome.exception_class() <= ExceptionClass::Smc64) {
        // Two exact comparisons find the calls, which cost no more than to find their classes. HVC first, but SMC is
        // not so rare that its code should be out of line.
        if (__builtin_expect_with_probability(syndrome.value == call_syndrome(ExceptionClass::Hvc64), 1, 0.6)) {
            vcpu.statistics.count(vm::ExitReason::Hypercall);
            handle_hypercall(vcpu);
            return;
        }
        if (syndrome.value == call_syndrome(ExceptionClass::Smc64)) {
            vcpu.statistics.count(vm::ExitReason::Smc);
            skip_instruction(vcpu.registers(), 4); // a trapped SMC has not completed, unlike HVC [Arm ARM D1.3.4]
            handle_hypercall(vcpu);
            return;
        }
        if (syndrome.exception_class() == ExceptionClass::Wfx) {
            vcpu.statistics.count(vm::ExitReason::Wfi);
            const bool executed = is_executed(vcpu, syndrome);
            skip_instruction(vcpu.registers(), syndrome.instruction_size());
            if (executed) {
                handle_wfx(vcpu, syndrome.iss());
            }
            return;
        }
        handle_reserved_call(vcpu, syndrome);
        return;
    }
    switch (syndrome.exception_class()) {
    case ExceptionClass::DataAbortLower:
        handle_data_abort(vcpu, {syndrome.value, fault_address(), fault_page()});
        return;
    case ExceptionClass::SystemRegister:
        vcpu.statistics.count(vm::ExitReason::SystemRegister);
        handle_system_register(vcpu, {syndrome.iss()});
        return;
    case ExceptionClass::InstructionAbortLower:
        handle_instruction_abort(vcpu, {syndrome.value, fault_address(), fault_page()});
        return;
    default:
        handle_unexpected(vcpu, syndrome.value);
        return;
    }
}

} // namespace

/// Called by arch/vectors.S with the guest's registers saved; returns with a vCPU loaded whose guest may run.
extern "C" void trivisor_exit(ExitKind kind, CpuBlock& block) {
    sched::PerCpu& cpu = static_cast<sched::PerCpu&>(block);
    vm::Vcpu& vcpu = *vm::current_vcpu(cpu);
    switch (kind) {
    [[likely]] case ExitKind::Sync:
        handle_sync(vcpu);
        break;
    case ExitKind::Irq:
        vcpu.statistics.count(vm::ExitReason::Interrupt);
        sched::handle_interrupts(cpu);
        break;
    case ExitKind::Fiq: // Group 0 belongs to the secure world and does not come here
        break;
    case ExitKind::SError:
        vm::deliver_error(vcpu, exception_syndrome());
        break;
    }
    if (error_pending()) [[unlikely]] { // the guest's, whatever else it came for
        take_error();
    }
    if (cpu.attention.load(std::memory_order_relaxed)) [[unlikely]] {
        cpu.scheduler.run();
        return;
    }
    vcpu.vm().vgic().flush(vcpu.index());
}

} // namespace trv::trap
