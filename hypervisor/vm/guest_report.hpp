#pragma once

#include "vm/vcpu.hpp"

namespace trv::vm {

/// A guest's last words for a person: registers, where and why. Limited in rate like every line that a guest causes.
void report_guest(Vcpu& vcpu, u64 syndrome, u64 fault_address);

} // namespace trv::vm
