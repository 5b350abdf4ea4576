// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/syndrome.hpp"
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

} // namespace trv::trap
