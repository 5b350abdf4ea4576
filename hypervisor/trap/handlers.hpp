// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who handles the exits of guests, by their cause; trap/exit.cpp finds it. Calls by HVC and SMC are equivalent. A guest's
// registers never reach EL3: calls to it are built from scratch.

#include "arch/registers/syndrome.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap {

/// The CPU's registers about a guest's access that stage 2 refused.
struct GuestAbort {
    u64 syndrome; ///< ESR_EL2
    u64 address;  ///< FAR_EL2, guest-virtual
    u64 page;     ///< HPFAR_EL2
};

/// Handles an access of a load or store: a device model emulates it, or the guest gets an external abort.
void handle_data_abort(vm::Vcpu& vcpu, const GuestAbort& abort);
/// A guest executes where it has no memory to execute: it gets an external abort. If its handler for that is there,
/// too, it is stopped.
void handle_instruction_abort(vm::Vcpu& vcpu, const GuestAbort& abort);

/// Handles a call (SMCCC): arguments in x0 to x7, results in x0 to x3; does not change the PC.
void handle_hypercall(vm::Vcpu& vcpu);

/// An HVC or SMC with a reserved immediate [SMCCC 2.9]: x0 becomes NOT_SUPPORTED, and nothing else changes. It is not
/// UNDEFINED: the instruction exists, and kernels that probe for another hypervisor by its own immediate read this
/// answer as "not here", but die of an exception.
void refuse_hypercall(vm::Vcpu& vcpu);

/// Handles a trapped MRS or MSR of a guest: emulates it, or injects UNDEFINED. Advances the PC.
void handle_system_register(vm::Vcpu& vcpu, arch::SystemRegisterTrap trap);

/// Logs a stopped guest's registers, place and cause. Rate-limited, like every line that a guest causes.
void report_guest(vm::Vcpu& vcpu, u64 syndrome, u64 fault_address);

} // namespace trv::trap
