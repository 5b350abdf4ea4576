// SPDX-License-Identifier: Apache-2.0
#include "trap/debug_register.hpp"

#include "arch/guest/guest_debug.hpp"
#include "arch/registers/registers.hpp"

namespace trv::trap {
namespace {

using namespace arch;

constexpr u32 debug = 2; // op0
constexpr auto mdscr = system_register(2, 0, 0, 2, 2);
constexpr auto oslsr = system_register(2, 0, 1, 1, 4);

/// Not HDE: what halts the CPU is not the guest's.
constexpr u64 mdscr_kept = mdscr_el1::SS | mdscr_el1::TDCC | mdscr_el1::KDE | mdscr_el1::MDE;

/// DBGBVR<n>_EL1, DBGBCR<n>_EL1, DBGWVR<n>_EL1, DBGWCR<n>_EL1: op1 = 0, CRn = 0, CRm = n, op2 = 4 to 7.
bool is_point(SystemRegisterTrap trap) {
    return trap.op1() == 0 && trap.crn() == 0 && trap.op2() >= 4;
}

/// @param kept    what the guest reads
/// @param written what becomes of it in a write
void access(vm::Vcpu& vcpu, SystemRegisterTrap trap, u64& kept, u64 written) {
    if (trap.read()) {
        vcpu.registers().set(trap.register_index(), kept);
        return;
    }
    kept = written;
    const DebugRegisters& registers = vcpu.context().debug;
    registers.in_use() ? load_debug(registers) : silence_debug();
}

/// @return false if the CPU does not have it
bool access_point(vm::Vcpu& vcpu, SystemRegisterTrap trap) {
    const bool watch = (trap.op2() & 2) != 0;
    const bool control = (trap.op2() & 1) != 0;
    const DebugPoints there = debug_points();
    if (trap.crm() >= (watch ? there.watchpoints : there.breakpoints)) {
        return false;
    }
    DebugRegisters& registers = vcpu.context().debug;
    DebugRegisters::Point& point = (watch ? registers.watchpoints : registers.breakpoints)[trap.crm()];
    const u64 value = vcpu.registers().get(trap.register_index());
    if (control) {
        access(vcpu, trap, point.control, watch ? watchpoint_control(value) : breakpoint_control(value));
    } else {
        access(vcpu, trap, point.value, value);
    }
    return true;
}

} // namespace

/// The OS lock is open and cannot be closed; what belongs to an external debugger reads as zero and ignores writes [Arm ARM
/// D24.3].
bool handle_debug_register(vm::Vcpu& vcpu, SystemRegisterTrap trap) {
    constexpr u64 os_lock_implemented = bit(3);
    const DebugRegisters& registers = vcpu.context().debug;
    // EL0 has a channel to an external debugger, which its kernel may take away.
    const bool from_el0 = (vcpu.registers().pstate & spsr::mode_mask) == spsr::El0t;
    if (trap.op0() != debug || (from_el0 && (registers.control & mdscr_el1::TDCC) != 0)) {
        return false;
    }
    if (is_point(trap)) {
        return access_point(vcpu, trap);
    }
    if (trap.name() == mdscr) {
        access(vcpu, trap, vcpu.context().debug.control, vcpu.registers().get(trap.register_index()) & mdscr_kept);
    } else if (trap.read()) {
        vcpu.registers().set(trap.register_index(), trap.name() == oslsr ? os_lock_implemented : 0);
    }
    return true;
}

} // namespace trv::trap
