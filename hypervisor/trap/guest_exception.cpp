// SPDX-License-Identifier: Apache-2.0
#include "trap/guest_exception.hpp"

#include "arch/exception/exception_state.hpp"
#include "arch/registers/registers.hpp"
#include "arch/registers/syndrome.hpp"
#include "generated/option/aarch32.hpp"
#include "trap/aarch32_exception.hpp"

namespace trv::trap {
namespace {

using namespace arch;

constexpr u64 instruction_length_32 = bit(25);
constexpr u64 external_abort = 0x10; ///< [Arm ARM D24.2.45] DFSC, IFSC: synchronous external abort, not on a walk
constexpr u64 cache_maintenance = bit(8);
constexpr u64 write_not_read = bit(6);

/// The vector's offset, which depends on where the exception comes from [Arm ARM D1.3.1.5].
u64 vector_offset(u64 pstate) {
    if ((pstate & spsr::AArch32) != 0) {
        return 0x600;
    }
    switch (pstate & spsr::mode_mask) {
    case spsr::El0t:
        return 0x400;
    case spsr::El1t:
        return 0x000;
    default:
        return 0x200;
    }
}

bool from_el0(u64 pstate) {
    return (pstate & spsr::AArch32) != 0 || (pstate & spsr::mode_mask) == spsr::El0t;
}

/// PSTATE after an exception to EL1 [Arm ARM D1.3.1.3]. PAN matters: kernels rely on the CPU to set it.
u64 exception_pstate(u64 before) {
    const u64 control = guest_system_control();
    // AArch32 has DIT elsewhere.
    const u64 kept = spsr::NZCV | spsr::PAN | ((before & spsr::AArch32) != 0 ? 0 : spsr::DIT);
    u64 pstate = spsr::El1h | spsr::DAIF | (before & kept);
    pstate |= (control & sctlr_el1::SPAN) == 0 ? spsr::PAN : 0;
    pstate |= (control & sctlr_el1::DSSBS) != 0 ? spsr::SSBS : 0;
    return pstate;
}

void take_exception(vm::Vcpu& vcpu, u64 syndrome) {
    GuestRegisters& registers = vcpu.registers();
    set_guest_exception({syndrome, registers.pc, registers.pstate});
    registers.pc = exception_vector(vcpu);
    registers.pstate = exception_pstate(registers.pstate);
}

constexpr u64 with_class(ExceptionClass exception_class) {
    return static_cast<u64>(exception_class) << 26;
}

} // namespace

void inject_undefined(vm::Vcpu& vcpu) {
    if constexpr (option::aarch32) {
        if (vcpu.is_aarch32()) {
            aarch32::inject_undefined(vcpu);
            return;
        }
    }
    take_exception(vcpu, with_class(ExceptionClass::Unknown) | instruction_length_32);
}

void inject_external_abort(vm::Vcpu& vcpu, u64 syndrome, u64 address) {
    if constexpr (option::aarch32) {
        if (vcpu.is_aarch32()) {
            aarch32::inject_external_abort(vcpu, syndrome, address);
            return;
        }
    }
    const bool el0 = from_el0(vcpu.registers().pstate);
    u64 told = instruction_length_32 | external_abort;
    if (Syndrome{syndrome}.exception_class() == ExceptionClass::DataAbortLower) {
        told |= with_class(el0 ? ExceptionClass::DataAbortLower : ExceptionClass::DataAbortSame);
        told |= syndrome & (cache_maintenance | write_not_read);
    } else {
        told |= with_class(el0 ? ExceptionClass::InstructionAbortLower : ExceptionClass::InstructionAbortSame);
    }
    set_guest_fault_address(address);
    take_exception(vcpu, told);
}

u64 exception_vector(vm::Vcpu& vcpu) {
    if constexpr (option::aarch32) {
        if (vcpu.is_aarch32()) {
            return aarch32::prefetch_abort_vector();
        }
    }
    return guest_vector_base() + vector_offset(vcpu.registers().pstate);
}

} // namespace trv::trap
