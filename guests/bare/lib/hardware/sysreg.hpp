// SPDX-License-Identifier: Apache-2.0
#pragma once
// The system registers that guests use beside those of arch/registers/sysreg.hpp, and barriers.

#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"

namespace trv::bare {

TRV_SYSREG(CntvctEl0, "cntvct_el0");
TRV_SYSREG(CntvTvalEl0, "cntv_tval_el0");
TRV_SYSREG(CntpCtlEl0, "cntp_ctl_el0");
TRV_SYSREG(CntpCvalEl0, "cntp_cval_el0");
TRV_SYSREG(CntpTvalEl0, "cntp_tval_el0");
TRV_SYSREG(IsrEl1, "isr_el1");

// GIC CPU interface [GICv3 12.2]
TRV_SYSREG(IccBpr1El1, "ICC_BPR1_EL1");
TRV_SYSREG(IccCtlrEl1, "ICC_CTLR_EL1");
TRV_SYSREG(IccDirEl1, "ICC_DIR_EL1");
TRV_SYSREG(IccEoir1El1, "ICC_EOIR1_EL1");
TRV_SYSREG(IccHppir1El1, "ICC_HPPIR1_EL1");
TRV_SYSREG(IccIar1El1, "ICC_IAR1_EL1");
TRV_SYSREG(IccIgrpen1El1, "ICC_IGRPEN1_EL1");
TRV_SYSREG(IccPmrEl1, "ICC_PMR_EL1");
TRV_SYSREG(IccRprEl1, "ICC_RPR_EL1");
TRV_SYSREG(IccSgi1rEl1, "ICC_SGI1R_EL1");
TRV_SYSREG(IccSreEl1, "ICC_SRE_EL1");

inline void isb() {
    asm volatile("isb" ::: "memory");
}
inline void dsb() {
    asm volatile("dsb sy" ::: "memory");
}
inline void wfi() {
    asm volatile("dsb sy\n\twfi" ::: "memory");
}
inline void wfe() {
    asm volatile("wfe" ::: "memory");
}
inline void mask_interrupts() {
    asm volatile("msr daifset, #2" ::: "memory");
}
inline void unmask_interrupts() {
    asm volatile("msr daifclr, #2" ::: "memory");
}

} // namespace trv::bare
