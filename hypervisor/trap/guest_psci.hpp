// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vm/vcpu.hpp"

namespace trv::trap {

/// Handles PSCI 1.1 for guests (DEN0022); other standard-service calls return NOT_SUPPORTED. Context: as for
/// handle_hypercall().
void handle_psci_call(vm::Vcpu& vcpu, u32 function);

} // namespace trv::trap
