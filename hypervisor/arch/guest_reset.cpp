// SPDX-License-Identifier: Apache-2.0
#include "arch/guest_context.hpp"
#include "arch/registers/registers.hpp"

namespace trv::arch {

void reset(GuestContext& context, u64 entry, u64 argument) {
    const u64 vmpidr = context.vmpidr;
    context = GuestContext{};
    context.vmpidr = vmpidr;
    context.registers.x[0] = argument;
    context.registers.pc = entry;
    context.registers.pstate = spsr::El1h | spsr::DAIF;
    context.el1.sctlr = sctlr_el1_reset;
}

} // namespace trv::arch
