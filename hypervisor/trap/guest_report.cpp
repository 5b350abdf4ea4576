// SPDX-License-Identifier: Apache-2.0
#include "arch/registers/syndrome.hpp"
#include "trap/handlers.hpp"
#include "vm/vm.hpp"

namespace trv::trap {

void report_guest(vm::Vcpu& vcpu, u64 syndrome, u64 fault_address) {
    const std::optional<u64> held_back = vcpu.vm().log_limit().pass(arch::nanoseconds_since_entry());
    if (!held_back) {
        return;
    }
    const arch::GuestRegisters& r = vcpu.registers();
    log_always("{}: vCPU {}: {}; {}", vcpu.vm().name(), vcpu.index(), arch::describe_exception_class(syndrome),
               arch::describe_fault_status(syndrome));
    log_always("  pc {}  pstate {}  esr {}  far {}", hex(r.pc, 16), hex(r.pstate, 8), hex(syndrome, 8),
               hex(fault_address, 16));
    for (unsigned i = 0; i + 3 < 31; i += 4) {
        log_always("  x{} {}  x{} {}  x{} {}  x{} {}", i, hex(r.x[i], 16), i + 1, hex(r.x[i + 1], 16), i + 2,
                   hex(r.x[i + 2], 16), i + 3, hex(r.x[i + 3], 16));
    }
    log_always("  x28 {}  x29 {}  lr {}", hex(r.x[28], 16), hex(r.x[29], 16), hex(r.x[30], 16));
}

} // namespace trv::trap
