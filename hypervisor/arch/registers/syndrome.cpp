// SPDX-License-Identifier: Apache-2.0
#include "arch/registers/syndrome.hpp"

namespace trv::arch {

std::string_view describe_exception_class(u64 esr) {
    switch (Syndrome{esr}.exception_class()) {
    case ExceptionClass::Unknown:
        return "unknown reason or undefined instruction";
    case ExceptionClass::Wfx:
        return "WFI or WFE";
    case ExceptionClass::FpAccess:
        return "FP, SIMD or SVE access";
    case ExceptionClass::IllegalState:
        return "illegal execution state";
    case ExceptionClass::Hvc32:
    case ExceptionClass::Hvc64:
        return "HVC";
    case ExceptionClass::Smc32:
    case ExceptionClass::Smc64:
        return "SMC";
    case ExceptionClass::Transfer15:
    case ExceptionClass::Pair15:
    case ExceptionClass::Transfer14:
    case ExceptionClass::Memory14:
    case ExceptionClass::Vmrs:
    case ExceptionClass::Pair14:
    case ExceptionClass::SystemRegister:
        return "system register access";
    case ExceptionClass::Sve:
        return "SVE access";
    case ExceptionClass::InstructionAbortLower:
        return "instruction abort from a guest";
    case ExceptionClass::InstructionAbortSame:
        return "instruction abort at EL2";
    case ExceptionClass::PcAlignment:
        return "misaligned PC";
    case ExceptionClass::DataAbortLower:
        return "data abort from a guest";
    case ExceptionClass::DataAbortSame:
        return "data abort at EL2";
    case ExceptionClass::SpAlignment:
        return "misaligned stack pointer";
    case ExceptionClass::SError:
        return "SError";
    case ExceptionClass::BreakpointSame:
        return "breakpoint";
    case ExceptionClass::StepSame:
        return "software step";
    case ExceptionClass::WatchpointSame:
        return "watchpoint";
    case ExceptionClass::Brk64:
        return "BRK instruction";
    }
    return "reserved exception class";
}

std::string_view describe_fault_status(u64 esr) {
    const u64 status = field(esr, 5, 0);
    switch (status >> 2) {
    case 0:
        return "address size fault";
    case 1:
        return "translation fault: address is not mapped";
    case 2:
        return "access flag fault";
    case 3:
        return "permission fault";
    default:
        break;
    }
    switch (status) {
    case 0x10:
        return "external abort";
    case 0x11:
        return "tag check fault";
    case 0x14:
    case 0x15:
    case 0x16:
    case 0x17:
        return "external abort on a table walk";
    case 0x21:
        return "alignment fault";
    case 0x30:
        return "TLB conflict";
    case 0x35:
        return "exclusive or atomic access to memory that does not support it";
    default:
        return "other fault";
    }
}

} // namespace trv::arch
