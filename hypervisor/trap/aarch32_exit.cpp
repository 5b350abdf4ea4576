// SPDX-License-Identifier: Apache-2.0
#include "trap/aarch32_exit.hpp"

#include "arch/aarch32/condition.hpp"
#include "arch/aarch32/pstate.hpp"
#include "arch/skip_instruction.hpp"
#include "arch/smccc.hpp"
#include "trap/aarch32_coprocessor.hpp"
#include "trap/handlers.hpp"

namespace trv::trap::aarch32 {
namespace {

using namespace arch::aarch32;
using arch::ExceptionClass;
using arch::GuestRegisters;

constexpr u64 transfer_size = 4; ///< bytes of an MCR, MRC, MCRR, MRRC, VMRS or SMC instruction

/// Their upper halves may be anything [Arm ARM D1.8.1].
void narrow(GuestRegisters& registers) {
    for (u64& x : registers.x) {
        x = static_cast<u32>(x);
    }
}

void narrow(GuestRegisters& registers, unsigned index) {
    registers.set(index, static_cast<u32>(registers.get(index)));
}

/// A caller in AArch32 has no calls of the SMC64 convention [SMCCC 2.7].
void handle_call(vm::Vcpu& vcpu) {
    if (arch::smccc::is_64_bit(static_cast<u32>(vcpu.registers().x[0]))) {
        refuse_hypercall(vcpu);
    } else {
        handle_hypercall(vcpu);
    }
}

void handle_hvc(vm::Vcpu& vcpu, u64 immediate) {
    vcpu.statistics.count(vm::ExitReason::Hypercall);
    immediate == 0 ? handle_call(vcpu) : refuse_hypercall(vcpu);
}

/// The syndrome does not tell SMC's immediate.
void handle_smc(vm::Vcpu& vcpu) {
    vcpu.statistics.count(vm::ExitReason::Smc);
    skip_instruction(vcpu.registers(), transfer_size);
    handle_call(vcpu);
}

/// An access to the register's counterpart, which advances the PC.
void access(vm::Vcpu& vcpu, arch::SystemRegister name, unsigned index, bool read) {
    handle_system_register(vcpu, trap_of(name, index, read));
    narrow(vcpu.registers(), index);
}

bool handle_register(vm::Vcpu& vcpu, RegisterTransfer transfer) {
    GuestRegisters& registers = vcpu.registers();
    const unsigned index = named_register(transfer.register_index(), registers.pstate);
    if (transfer.read() && is_reserved_identification(transfer)) {
        registers.set(index, 0);
        skip_instruction(registers, transfer_size);
        return true;
    }
    const auto name = counterpart(transfer);
    if (!name) {
        return false;
    }
    access(vcpu, *name, index, transfer.read());
    return true;
}

/// The handlers of a register of 64 bits take them from one register, and put them there.
bool handle_pair(vm::Vcpu& vcpu, PairTransfer transfer) {
    GuestRegisters& registers = vcpu.registers();
    const auto name = counterpart(transfer);
    if (!name) {
        return false;
    }
    const unsigned low = named_register(transfer.low_index(), registers.pstate);
    const unsigned high = named_register(transfer.high_index(), registers.pstate);
    if (!transfer.read()) {
        registers.set(low, registers.get(low) | registers.get(high) << 32);
        access(vcpu, *name, low, false);
        return true;
    }
    handle_system_register(vcpu, trap_of(*name, low, true));
    registers.set(high, registers.get(low) >> 32);
    narrow(registers, low);
    return true;
}

/// Debug registers: these guests have no breakpoints, which DBGDIDR says; all read as zero and ignore writes.
bool handle_debug(vm::Vcpu& vcpu, RegisterTransfer transfer) {
    if (transfer.op1() != 0) { // of a trace unit
        return false;
    }
    GuestRegisters& registers = vcpu.registers();
    if (transfer.read()) {
        registers.set(named_register(transfer.register_index(), registers.pstate), 0);
    }
    skip_instruction(registers, transfer_size);
    return true;
}

/// DBGDRAR and DBGDSAR: no debug registers in memory.
bool handle_debug_pair(vm::Vcpu& vcpu, PairTransfer transfer) {
    if (!transfer.read() || transfer.op1() != 0) {
        return false;
    }
    GuestRegisters& registers = vcpu.registers();
    registers.set(named_register(transfer.low_index(), registers.pstate), 0);
    registers.set(named_register(transfer.high_index(), registers.pstate), 0);
    skip_instruction(registers, transfer_size);
    return true;
}

bool handle_media(vm::Vcpu& vcpu, u64 iss) {
    const RegisterTransfer transfer{iss};
    const auto name = media_register(iss);
    if (!name || !transfer.read()) {
        return false;
    }
    access(vcpu, *name, named_register(transfer.register_index(), vcpu.registers().pstate), true);
    return true;
}

/// By a counted exit.
bool handle_access(vm::Vcpu& vcpu, arch::Syndrome syndrome) {
    vcpu.statistics.count(vm::ExitReason::SystemRegister);
    switch (syndrome.exception_class()) {
    case ExceptionClass::Transfer15:
        return handle_register(vcpu, {syndrome.iss()});
    case ExceptionClass::Pair15:
        return handle_pair(vcpu, {syndrome.iss()});
    case ExceptionClass::Transfer14:
        return handle_debug(vcpu, {syndrome.iss()});
    case ExceptionClass::Pair14:
        return handle_debug_pair(vcpu, {syndrome.iss()});
    default:
        return handle_media(vcpu, syndrome.iss());
    }
}

} // namespace

bool handle_sync(vm::Vcpu& vcpu, arch::Syndrome syndrome) {
    GuestRegisters& registers = vcpu.registers();
    narrow(registers);
    if (syndrome.exception_class() == ExceptionClass::Hvc32) { // which has no condition
        handle_hvc(vcpu, arch::field(syndrome.value, 15, 0));
        return true;
    }
    if (!is_executed(syndrome.value, registers.pstate)) {
        skip_instruction(registers, syndrome.instruction_size());
        return true;
    }
    switch (syndrome.exception_class()) {
    case ExceptionClass::Smc32:
        handle_smc(vcpu);
        return true;
    case ExceptionClass::Transfer15:
    case ExceptionClass::Pair15:
    case ExceptionClass::Transfer14:
    case ExceptionClass::Pair14:
    case ExceptionClass::Vmrs:
        return handle_access(vcpu, syndrome);
    default:
        return false;
    }
}

} // namespace trv::trap::aarch32
