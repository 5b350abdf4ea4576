#pragma once
// How this CPU treats guests: which of their instructions and accesses trap to EL2.

namespace trv::arch {

/// Sets HCR_EL2 and the other trap controls. Once on each CPU, before its first guest.
void configure_guest_traps();

/// Whether a guest's WFI and WFE come to EL2. Only when somebody else could use the CPU; cheap when nothing changes.
void trap_wfi(bool trap);

} // namespace trv::arch
