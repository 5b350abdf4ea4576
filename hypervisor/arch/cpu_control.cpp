#include "arch/cpu_control.hpp"

#include "arch/registers.hpp"
#include "arch/sysreg.hpp"

namespace trv::arch {
namespace {

// FB and BSU: a guest's maintenance that it believes local must reach the CPU where its vCPU ran before. vCPUs do not move
// here, but a broadcast costs little and leaves nothing to believe.
constexpr u64 hcr = hcr_el2::VM | hcr_el2::SWIO | hcr_el2::PTW | hcr_el2::FMO | hcr_el2::IMO | hcr_el2::AMO | hcr_el2::FB |
                    hcr_el2::BSU_inner | hcr_el2::TID3 | hcr_el2::TSC | hcr_el2::TIDCP | hcr_el2::TACR | hcr_el2::TLOR |
                    hcr_el2::TERR | hcr_el2::RW;

constexpr u64 debug_traps = mdcr_el2::TPMCR | mdcr_el2::TPM | mdcr_el2::TDA | mdcr_el2::TDOSA | mdcr_el2::TDRA |
                            mdcr_el2::TPMS | mdcr_el2::TTRF;

} // namespace

void configure_guest_traps() {
    HcrEl2::write(hcr);
    CptrEl2::write(cptr_el2::RES1 | cptr_el2::TTA | cptr_el2::TAM);
    // HPMN keeps all event counters on EL1's side, as after reset; a smaller one would need PMU context switches.
    MdcrEl2::write(debug_traps | field(PmcrEl0::read(), 15, 11));
    HstrEl2::write(0);
    CnthctlEl2::write(cnthctl_el2::EL1PCTEN);
    VpidrEl2::write(MidrEl1::read());
    isb();
}

void trap_wfi(bool trap) {
    HcrEl2::write(trap ? hcr | hcr_el2::TWI | hcr_el2::TWE : hcr);
}

} // namespace trv::arch
