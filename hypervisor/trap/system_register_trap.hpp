// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/syndrome.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap {

/// Handles a trapped MRS or MSR of a guest: emulates it, or injects UNDEFINED. Advances the PC.
void handle_system_register(vm::Vcpu& vcpu, arch::SystemRegisterTrap trap);

} // namespace trv::trap
