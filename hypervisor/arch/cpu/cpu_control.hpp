// SPDX-License-Identifier: Apache-2.0
#pragma once
// This CPU's trap controls: which instructions and accesses of guests trap to EL2.

namespace trv::arch {

/// Sets HCR_EL2 and the other trap controls. Once on each CPU, before its first guest.
void configure_guest_traps();

/// Sets whether a guest's WFI and WFE trap to EL2: only if another vCPU could use the CPU. Cheap if nothing changes.
void trap_wfi(bool trap);

} // namespace trv::arch
