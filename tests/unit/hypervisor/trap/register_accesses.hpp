// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest that reads and writes system registers, which trap.

#include "../vm/one_vm.hpp"
#include "trap/handlers.hpp"

namespace trv::trap {

class RegisterAccesses : public vm::OneVm {
  public:
    static constexpr unsigned usual = 7; ///< the general register of an access

    void read(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2, unsigned general = usual) {
        handle({trap(op0, op1, crn, crm, op2, general) | 1});
    }
    void write(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2, unsigned general = usual) {
        handle({trap(op0, op1, crn, crm, op2, general)});
    }
    /// Finds something else there before.
    u64 read_value(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2) {
        x(usual) = 0x5555;
        read(op0, op1, crn, crm, op2);
        return x(usual);
    }
    void write_value(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2, u64 value) {
        x(usual) = value;
        write(op0, op1, crn, crm, op2);
    }

  private:
    static constexpr u64 trap(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2, unsigned general) {
        return u64{op0} << 20 | u64{op2} << 17 | u64{op1} << 14 | u64{crn} << 10 | u64{general} << 5 | u64{crm} << 1;
    }
    void handle(arch::SystemRegisterTrap each) {
        vcpu->registers().pc = guest_pc;
        arch::fake_guest_exception = {};
        handle_system_register(*vcpu, each);
    }
};

} // namespace trv::trap
