#pragma once
// What a guest may ask for by HVC or SMC (SMCCC). Both conduits are the same: what is not answered here is
// NOT_SUPPORTED, and nothing goes to EL3 but what is made anew for it.

#include "vm/vcpu.hpp"

namespace trv::vm {

/// Arguments in x0 to x7, results to x0 to x3; the PC is not touched.
void handle_hypercall(Vcpu& vcpu);

/// An HVC or SMC with a reserved immediate [SMCCC 2.9]: x0 becomes NOT_SUPPORTED, and nothing else changes. It is not
/// UNDEFINED: the instruction exists, and kernels that probe for another hypervisor by its own immediate read this answer
/// as "not here", but die of an exception.
void refuse_hypercall(Vcpu& vcpu);

} // namespace trv::vm
