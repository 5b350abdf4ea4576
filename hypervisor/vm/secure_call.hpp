#pragma once

#include "vm/vcpu.hpp"

namespace trv::vm {

/// A guest's call for OP-TEE. If OP-TEE comes back for a physical interrupt, the interrupt is taken at EL2; the guest
/// hears of it only if it made work for this vCPU, or if others want the CPU. Context: as for handle_hypercall().
void handle_secure_call(Vcpu& vcpu);

} // namespace trv::vm
