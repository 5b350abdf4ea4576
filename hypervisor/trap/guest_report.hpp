// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vm/vcpu.hpp"

namespace trv::trap {

/// Logs a stopped guest's registers, place and cause. Rate-limited, like every line that a guest causes.
void report_guest(vm::Vcpu& vcpu, u64 syndrome, u64 fault_address);

} // namespace trv::trap
