// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vm/vcpu.hpp"

namespace trv::trap {

/// Handles a guest's call to OP-TEE. If OP-TEE returns because of a physical interrupt, EL2 takes the interrupt; the
/// call returns to the guest only if the interrupt concerns this vCPU, or if other vCPUs are ready. Context: as for
/// handle_hypercall().
void handle_secure_call(vm::Vcpu& vcpu);

} // namespace trv::trap
