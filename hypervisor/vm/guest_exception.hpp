#pragma once
// Exceptions that a guest's own EL1 takes because we say so.

#include "vm/vcpu.hpp"

namespace trv::vm {

/// The instruction at the vCPU's PC does not exist here [Arm ARM D1.3.2].
void inject_undefined(Vcpu& vcpu);

/// Injects the bus's response to an access without a target: a synchronous external abort at `address` (guest-virtual).
void inject_external_abort(Vcpu& vcpu, u64 address);

} // namespace trv::vm
