// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/registers/syndrome.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap::aarch32 {

/// Handles an exit of a guest whose EL1 is in AArch32, by an instruction that only AArch32 has.
/// @return false if there is nothing to emulate: the guest gets an Undefined Instruction exception
[[nodiscard]] bool handle_sync(vm::Vcpu& vcpu, arch::Syndrome syndrome);

} // namespace trv::trap::aarch32
