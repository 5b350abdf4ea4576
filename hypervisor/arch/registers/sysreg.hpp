// SPDX-License-Identifier: Apache-2.0
#pragma once
// System registers with the manual's names: HcrEl2::read(), HcrEl2::write(value). These functions do not synchronize:
// the caller has an ISB or a barrier, with its reason, where it is needed. Fields are in arch/registers/registers.hpp.

#include "lib/types.hpp"

#define TRV_SYSREG(Type, name)                                                                                         \
    struct Type {                                                                                                      \
        [[nodiscard]] static u64 read() {                                                                              \
            u64 value;                                                                                                 \
            asm volatile("mrs %0, " name : "=r"(value));                                                               \
            return value;                                                                                              \
        }                                                                                                              \
        static void write(u64 value) {                                                                                 \
            asm volatile("msr " name ", %0" : : "r"(value));                                                           \
        }                                                                                                              \
    }

namespace trv::arch {

// EL2's own control
TRV_SYSREG(CptrEl2, "cptr_el2");
TRV_SYSREG(CnthctlEl2, "cnthctl_el2");
TRV_SYSREG(CnthpCtlEl2, "cnthp_ctl_el2");
TRV_SYSREG(CnthpCvalEl2, "cnthp_cval_el2");
TRV_SYSREG(CntvoffEl2, "cntvoff_el2");
TRV_SYSREG(DisrEl1, "s3_0_c12_c1_1"); // FEAT_RAS
TRV_SYSREG(EsrEl2, "esr_el2");
TRV_SYSREG(FarEl2, "far_el2");
TRV_SYSREG(HafgrtrEl2, "s3_4_c3_c1_6"); // FEAT_FGT with FEAT_AMUv1
TRV_SYSREG(HcrEl2, "hcr_el2");
TRV_SYSREG(HcrxEl2, "s3_4_c1_c2_2");     // FEAT_HCX
TRV_SYSREG(HdfgrtrEl2, "s3_4_c3_c1_4");  // FEAT_FGT, down to HfgwtrEl2
TRV_SYSREG(Hdfgrtr2El2, "s3_4_c3_c1_0"); // FEAT_FGT2, with the others named …2El2
TRV_SYSREG(Hdfgwtr2El2, "s3_4_c3_c1_1");
TRV_SYSREG(HdfgwtrEl2, "s3_4_c3_c1_5");
TRV_SYSREG(Hfgitr2El2, "s3_4_c3_c1_7");
TRV_SYSREG(Hfgrtr2El2, "s3_4_c3_c1_2");
TRV_SYSREG(Hfgwtr2El2, "s3_4_c3_c1_3");
TRV_SYSREG(HfgitrEl2, "s3_4_c1_c1_6");
TRV_SYSREG(HfgrtrEl2, "s3_4_c1_c1_4");
TRV_SYSREG(HfgwtrEl2, "s3_4_c1_c1_5");
TRV_SYSREG(HpfarEl2, "hpfar_el2");
TRV_SYSREG(HstrEl2, "hstr_el2");
TRV_SYSREG(IsrEl1, "isr_el1");
TRV_SYSREG(MairEl2, "mair_el2");
TRV_SYSREG(MdcrEl2, "mdcr_el2");
TRV_SYSREG(Mpam2El2, "s3_4_c10_c5_0"); // FEAT_MPAM, with the next two
TRV_SYSREG(MpamhcrEl2, "s3_4_c10_c4_0");
TRV_SYSREG(MpamidrEl1, "s3_0_c10_c4_4");
TRV_SYSREG(SctlrEl2, "sctlr_el2");
TRV_SYSREG(TcrEl2, "tcr_el2");
TRV_SYSREG(TpidrEl2, "tpidr_el2");
TRV_SYSREG(Ttbr0El2, "ttbr0_el2");
TRV_SYSREG(VbarEl2, "vbar_el2");
TRV_SYSREG(VdisrEl2, "s3_4_c12_c1_1"); // FEAT_RAS, with VsesrEl2
TRV_SYSREG(VmpidrEl2, "vmpidr_el2");
TRV_SYSREG(VpidrEl2, "vpidr_el2");
TRV_SYSREG(VsesrEl2, "s3_4_c5_c2_3");
TRV_SYSREG(VtcrEl2, "vtcr_el2");
TRV_SYSREG(VttbrEl2, "vttbr_el2");

// What a guest has of its own
TRV_SYSREG(Afsr0El1, "afsr0_el1");
TRV_SYSREG(Afsr1El1, "afsr1_el1");
TRV_SYSREG(AmairEl1, "amair_el1");
TRV_SYSREG(CntkctlEl1, "cntkctl_el1");
TRV_SYSREG(CntpctEl0, "cntpct_el0");
TRV_SYSREG(CntvCtlEl0, "cntv_ctl_el0");
TRV_SYSREG(CntvCvalEl0, "cntv_cval_el0");
TRV_SYSREG(ContextidrEl1, "contextidr_el1");
TRV_SYSREG(CpacrEl1, "cpacr_el1");
TRV_SYSREG(CsselrEl1, "csselr_el1");
TRV_SYSREG(ElrEl1, "elr_el1");
TRV_SYSREG(EsrEl1, "esr_el1");
TRV_SYSREG(FarEl1, "far_el1");
TRV_SYSREG(MairEl1, "mair_el1");
TRV_SYSREG(MdscrEl1, "mdscr_el1");
TRV_SYSREG(ParEl1, "par_el1");
TRV_SYSREG(SctlrEl1, "sctlr_el1");
TRV_SYSREG(SpEl0, "sp_el0");
TRV_SYSREG(SpEl1, "sp_el1");
TRV_SYSREG(SpsrEl1, "spsr_el1");
TRV_SYSREG(TcrEl1, "tcr_el1");
TRV_SYSREG(TpidrEl0, "tpidr_el0");
TRV_SYSREG(TpidrEl1, "tpidr_el1");
TRV_SYSREG(TpidrroEl0, "tpidrro_el0");
TRV_SYSREG(Ttbr0El1, "ttbr0_el1");
TRV_SYSREG(Ttbr1El1, "ttbr1_el1");
TRV_SYSREG(VbarEl1, "vbar_el1");

// Identification
TRV_SYSREG(CntfrqEl0, "cntfrq_el0");
TRV_SYSREG(CtrEl0, "ctr_el0");
TRV_SYSREG(CurrentEl, "CurrentEL");
TRV_SYSREG(IdAa64isar0El1, "id_aa64isar0_el1");
TRV_SYSREG(IdAa64isar2El1, "s3_0_c0_c6_2"); // reads as 0 where it is not allocated
TRV_SYSREG(IdAa64mmfr0El1, "id_aa64mmfr0_el1");
TRV_SYSREG(IdAa64mmfr1El1, "id_aa64mmfr1_el1");
TRV_SYSREG(IdAa64pfr0El1, "id_aa64pfr0_el1");
TRV_SYSREG(IdAa64pfr1El1, "id_aa64pfr1_el1");
TRV_SYSREG(IdAa64dfr0El1, "id_aa64dfr0_el1");
TRV_SYSREG(MidrEl1, "midr_el1");
TRV_SYSREG(MpidrEl1, "mpidr_el1");
TRV_SYSREG(PmccfiltrEl0, "pmccfiltr_el0");
TRV_SYSREG(PmccntrEl0, "pmccntr_el0");
TRV_SYSREG(Pmceid0El0, "pmceid0_el0");
TRV_SYSREG(Pmceid1El0, "pmceid1_el0");
TRV_SYSREG(PmcntenclrEl0, "pmcntenclr_el0");
TRV_SYSREG(PmcntensetEl0, "pmcntenset_el0");
TRV_SYSREG(PmcrEl0, "pmcr_el0");
TRV_SYSREG(PmintenclrEl1, "pmintenclr_el1");
TRV_SYSREG(PmintensetEl1, "pmintenset_el1");
TRV_SYSREG(PmovsclrEl0, "pmovsclr_el0");
TRV_SYSREG(PmovssetEl0, "pmovsset_el0");
TRV_SYSREG(PmselrEl0, "pmselr_el0");
TRV_SYSREG(PmuserenrEl0, "pmuserenr_el0");
TRV_SYSREG(PmxevcntrEl0, "pmxevcntr_el0");
TRV_SYSREG(PmxevtyperEl0, "pmxevtyper_el0");

inline void isb() {
    asm volatile("isb" : : : "memory");
}
inline void dsb_sy() {
    asm volatile("dsb sy" : : : "memory");
}
inline void dsb_ish() {
    asm volatile("dsb ish" : : : "memory");
}
inline void dsb_nsh() {
    asm volatile("dsb nsh" : : : "memory");
}

} // namespace trv::arch
