// SPDX-License-Identifier: Apache-2.0
#pragma once
// One VM of two vCPUs, each on a CPU of its own; vCPU 0 just came to EL2. For tests of what its exits do.

#include "arch/exception/exception_state.hpp"
#include "arch/registers/registers.hpp"
#include "arch/registers/syndrome.hpp"
#include "vm_machine.hpp"

namespace trv::vm {

class OneVm : public VmTest {
  public:
    static constexpr u64 guest_pc = guest::ram_base.value + 0x1000;
    static constexpr u64 vectors = 0xffff'8000'0000'0800;

    OneVm() {
        describe("alpha", 2);
        boot_and_load();
        enter(0);
        alpha = find("alpha");
        vcpu = &alpha->vcpu(0);
        vcpu->registers().pc = guest_pc;
        arch::fake_guest_vector_base = vectors;
        arch::fake_guest_system_control = arch::sctlr_el1_reset;
        arch::fake_guest_exception = {};
        arch::fake_guest_fault_address = 0;
    }

    [[nodiscard]] u64& x(unsigned index) { return vcpu->registers().x[index]; }
    [[nodiscard]] u64 pc() { return vcpu->registers().pc; }
    /// Whether the guest goes on behind its instruction.
    [[nodiscard]] bool went_on() { return pc() == guest_pc + 4; }
    [[nodiscard]] bool is_undefined() { return took(arch::ExceptionClass::Unknown); }
    /// Whether the guest's own EL1 takes this exception now.
    [[nodiscard]] bool took(arch::ExceptionClass exception_class) {
        return pc() >= vectors && pc() < vectors + 0x800 && arch::fake_guest_exception.return_address == guest_pc &&
               arch::Syndrome{arch::fake_guest_exception.syndrome}.exception_class() == exception_class;
    }

    Vm* alpha;
    Vcpu* vcpu;
};

} // namespace trv::vm
