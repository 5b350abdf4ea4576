// SPDX-License-Identifier: Apache-2.0
#pragma once
// Exceptions that the hypervisor injects into a guest's EL1 in AArch32. trap/guest_exception.hpp says when.

#include "vm/vcpu.hpp"

namespace trv::trap::aarch32 {

void inject_undefined(vm::Vcpu& vcpu);
void inject_external_abort(vm::Vcpu& vcpu, u64 syndrome, u64 address);
/// Returns where the guest's handler begins for a prefetch abort.
[[nodiscard]] u64 prefetch_abort_vector();

} // namespace trv::trap::aarch32
