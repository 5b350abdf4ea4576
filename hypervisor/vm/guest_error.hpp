// SPDX-License-Identifier: Apache-2.0
#pragma once
// Asynchronous errors (SError) that guests cause: each goes to the vCPU that caused it, as hardware would report it
// there.

#include "lib/types.hpp"

namespace trv::vm {

class Vcpu;

/// The vCPU caused an SError that came to EL2: makes it take a virtual one, unless the error did no harm.
/// @param syndrome as in ESR_EL2. Precondition: it is loaded
void deliver_error(Vcpu& vcpu, u64 syndrome);

} // namespace trv::vm
