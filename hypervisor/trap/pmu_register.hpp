// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's accesses to its performance monitors.

#include "arch/registers/syndrome.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap {

/// Not in an image without the option. @return false if it is none of their registers, or the CPU has none
[[nodiscard]] bool handle_pmu_register(vm::Vcpu& vcpu, arch::SystemRegisterTrap trap);

} // namespace trv::trap
