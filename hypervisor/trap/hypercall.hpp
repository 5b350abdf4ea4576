// SPDX-License-Identifier: Apache-2.0
#pragma once
// Services for guests by HVC or SMC (SMCCC). Both conduits are equivalent. Unknown functions return NOT_SUPPORTED, and
// a guest's registers never reach EL3: calls to it are built from scratch.

#include "vm/vcpu.hpp"

namespace trv::trap {

/// Handles a call: arguments in x0 to x7, results in x0 to x3; does not change the PC.
void handle_hypercall(vm::Vcpu& vcpu);

/// An HVC or SMC with a reserved immediate [SMCCC 2.9]: x0 becomes NOT_SUPPORTED, and nothing else changes. It is not
/// UNDEFINED: the instruction exists, and kernels that probe for another hypervisor by its own immediate read this
/// answer as "not here", but die of an exception.
void refuse_hypercall(vm::Vcpu& vcpu);

} // namespace trv::trap
