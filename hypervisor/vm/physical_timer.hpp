// SPDX-License-Identifier: Apache-2.0
#pragma once
// The emulated EL1 physical timer, CNTP_*_EL0. Linux uses the virtual timer; boot loaders and small systems often use
// this one. [Arm ARM D12.2.4]

#include "arch/registers/syndrome.hpp"
#include "vm/vcpu.hpp"

namespace trv::vm {

/// A trapped access to CNTP_TVAL_EL0, CNTP_CTL_EL0 or CNTP_CVAL_EL0.
/// @return false if it is another register
bool handle_physical_timer(Vcpu& vcpu, arch::SystemRegisterTrap trap);

/// SoftTimer callback at the deadline.
void physical_timer_expired(void* vcpu);

/// Resets the timer. Context: the vCPU's home CPU.
void reset_physical_timer(Vcpu& vcpu);

} // namespace trv::vm
