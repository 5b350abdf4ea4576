// SPDX-License-Identifier: Apache-2.0
#pragma once
// Exceptions that the hypervisor injects into a guest's EL1.

#include "vm/vcpu.hpp"

namespace trv::trap {

/// Injects an undefined-instruction exception for the instruction at the vCPU's PC [Arm ARM D1.3.2].
void inject_undefined(vm::Vcpu& vcpu);

/// Injects the bus's response to an access without a target: a synchronous external abort.
/// @param syndrome  ESR_EL2 of the data or instruction abort that brought the vCPU here
/// @param address   FAR_EL2, guest-virtual
void inject_external_abort(vm::Vcpu& vcpu, u64 syndrome, u64 address);

/// Returns where the guest's handler begins for an instruction abort that it takes now.
[[nodiscard]] u64 exception_vector(vm::Vcpu& vcpu);

} // namespace trv::trap
