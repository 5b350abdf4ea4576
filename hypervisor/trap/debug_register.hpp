// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's accesses to debug registers: breakpoints, watchpoints and software step for its own debugger.

#include "arch/registers/syndrome.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap {

/// @return false if it is no debug register, or one that the CPU does not have
[[nodiscard]] bool handle_debug_register(vm::Vcpu& vcpu, arch::SystemRegisterTrap trap);

} // namespace trv::trap
