#pragma once

#include "arch/syndrome.hpp"
#include "vm/vcpu.hpp"

namespace trv::vm {

/// A guest's MRS or MSR that came to EL2: answered, or UNDEFINED. Moves the PC.
void handle_system_register(Vcpu& vcpu, arch::SystemRegisterTrap trap);

} // namespace trv::vm
