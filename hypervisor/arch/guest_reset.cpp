// SPDX-License-Identifier: Apache-2.0
#include "arch/aarch32/pstate.hpp"
#include "arch/guest_context.hpp"
#include "arch/registers/registers.hpp"
#include "generated/option/aarch32.hpp"

namespace trv::arch {
namespace {

/// @param entry bit 0: T32 instructions [PSCI 5.6.2]
[[maybe_unused]] void start_in_aarch32(GuestContext& context, u64 entry) {
    const bool t32 = (entry & 1) != 0;
    context.registers.pc = entry & ~u64{1};
    context.registers.pstate = aarch32::mode::Supervisor | aarch32::pstate::A | aarch32::pstate::I |
                               aarch32::pstate::F | (t32 ? aarch32::pstate::T : 0);
    context.el1.sctlr = aarch32::sctlr::reset;
}

} // namespace

void reset(GuestContext& context, u64 entry, u64 argument) {
    const u64 vmpidr = context.vmpidr;
    const bool in_aarch32 = context.aarch32.in_use;
    context = GuestContext{};
    context.vmpidr = vmpidr;
    context.registers.x[0] = argument;
    context.registers.pc = entry;
    context.registers.pstate = spsr::El1h | spsr::DAIF;
    context.el1.sctlr = sctlr_el1_reset;
    if constexpr (option::aarch32) {
        if (in_aarch32) {
            context.aarch32.in_use = true;
            context.aarch32.fpexc = aarch32::fpexc_reset;
            start_in_aarch32(context, entry);
        }
    }
}

} // namespace trv::arch
