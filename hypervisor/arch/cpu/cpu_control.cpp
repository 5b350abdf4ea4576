// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/cpu_control.hpp"

#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"
#include "generated/option/aarch32.hpp"

namespace trv::arch {
namespace {

// FB and BSU: maintenance that a guest considers local must reach the CPU where its vCPU ran before. vCPUs do not
// migrate here, but a broadcast costs little and needs no such assumption.
constexpr u64 hcr = hcr_el2::VM | hcr_el2::SWIO | hcr_el2::PTW | hcr_el2::FMO | hcr_el2::IMO | hcr_el2::AMO |
                    hcr_el2::FB | hcr_el2::BSU_inner | hcr_el2::TID3 | hcr_el2::TSC | hcr_el2::TIDCP | hcr_el2::TACR |
                    hcr_el2::TLOR | hcr_el2::TERR | hcr_el2::RW;

constexpr u64 debug_traps = mdcr_el2::TPMCR | mdcr_el2::TPM | mdcr_el2::TDA | mdcr_el2::TDOSA | mdcr_el2::TDRA |
                            mdcr_el2::TPMS | mdcr_el2::TTRF;

/// MDCR_EL2.HPMN keeps all event counters on EL1's side, as after reset; a smaller one would need PMU context switches.
u64 event_counters() {
    const u64 version = field(IdAa64dfr0El1::read(), 11, 8);
    const bool has_pmu = version != 0 && version != 0xf; // without one, PMCR_EL0 is undefined [Arm ARM D24.5.10]
    return has_pmu ? field(PmcrEl0::read(), 15, 11) : 0;
}

/// Controls of later architectures, whose reset state is unknown or set by firmware. 0 traps new features and keeps the
/// old behaviour of the rest [Arm ARM D24.2.58, D24.2.64].
void clear_later_controls() {
    if (field(IdAa64mmfr1El1::read(), 43, 40) != 0) {
        HcrxEl2::write(0);
    }
    const u64 fine_grained = field(IdAa64mmfr0El1::read(), 59, 56);
    if (fine_grained != 0) {
        HfgrtrEl2::write(0);
        HfgwtrEl2::write(0);
        HfgitrEl2::write(0);
        HdfgrtrEl2::write(0);
        HdfgwtrEl2::write(0);
        if (field(IdAa64pfr0El1::read(), 47, 44) != 0) { // activity monitors, which CPTR_EL2.TAM traps as a whole
            HafgrtrEl2::write(0);
        }
    }
    if (fine_grained >= 2) {
        Hfgrtr2El2::write(0);
        Hfgwtr2El2::write(0);
        Hfgitr2El2::write(0);
        Hdfgrtr2El2::write(0);
        Hdfgwtr2El2::write(0);
    }
}

/// Memory partitioning is hidden from guests, and one that tries it all the same must not choose the next guest's cache
/// partition. Where firmware keeps MPAM to itself (MPAM3_EL3.TRAPLOWER), the ID registers must not show it [Linux,
/// Documentation/arch/arm64/booting.rst]: each of these accesses would trap to EL3.
void trap_memory_partitioning() {
    const bool has_mpam = field(IdAa64pfr0El1::read(), 43, 40) != 0 || field(IdAa64pfr1El1::read(), 19, 16) != 0;
    if (!has_mpam) {
        return;
    }
    const u64 identification = MpamidrEl1::read();
    const u64 trap_identification = (identification & mpam::HAS_TIDR) != 0 ? mpam::TIDR : 0;
    Mpam2El2::write(mpam::TRAPMPAM0EL1 | mpam::TRAPMPAM1EL1 | trap_identification); // PARTID 0 for EL2
    if ((identification & mpam::HAS_HCR) != 0) {
        MpamhcrEl2::write(mpam::TRAP_MPAMIDR_EL1);
    }
}

/// Clears state that other software may have left in guests' registers: a timer that fires, debug exceptions.
void quieten_guest_registers() {
    CntvCtlEl0::write(0);
    MdscrEl1::write(0);
}

} // namespace

void configure_guest_traps() {
    clear_later_controls();
    trap_memory_partitioning();
    quieten_guest_registers();
    HcrEl2::write(hcr);
    CptrEl2::write(cptr_el2::RES1 | cptr_el2::TTA | cptr_el2::TAM);
    MdcrEl2::write(debug_traps | event_counters());
    HstrEl2::write(0);
    CnthctlEl2::write(cnthctl_el2::EL1PCTEN);
    VpidrEl2::write(MidrEl1::read());
    isb();
}

void trap_wfi(bool trap) {
    // The loaded guest's: an error, which it takes some time, and the state of its EL1.
    constexpr u64 guests = hcr_el2::VSE | (option::aarch32 ? hcr_el2::RW : 0);
    constexpr u64 ours = hcr & ~guests;
    const u64 kept = HcrEl2::read() & guests;
    HcrEl2::write((trap ? ours | hcr_el2::TWI | hcr_el2::TWE : ours) | kept);
}

} // namespace trv::arch
