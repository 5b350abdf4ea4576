// SPDX-License-Identifier: Apache-2.0
#pragma once
// Access to the GIC's physical CPU interface of this CPU, by the registers' names [GICv3 12.2]. Barriers are the
// caller's, except where a function says so.

#include "lib/types.hpp"

namespace trv::arch {

struct Icc {
    /// ICC_SRE_EL2 and ICC_SRE_EL1: which registers exist depends on them, so each is synchronized.
    static void set_sre(u64 el2, u64 el1) {
        asm volatile("msr ICC_SRE_EL2, %0\n\t"
                     "isb"
                     :
                     : "r"(el2));
        asm volatile("msr ICC_SRE_EL1, %0\n\t"
                     "isb"
                     :
                     : "r"(el1));
    }
    /// Returns once the write has taken effect.
    static void set_igrpen1(u64 value) {
        asm volatile("msr ICC_IGRPEN1_EL1, %0\n\t"
                     "isb"
                     :
                     : "r"(value));
    }
    static void set_ap1r0(u64 value) { asm volatile("msr ICC_AP1R0_EL1, %0" : : "r"(value)); }
    static void set_pmr(u64 value) { asm volatile("msr ICC_PMR_EL1, %0" : : "r"(value)); }
    static void set_bpr1(u64 value) { asm volatile("msr ICC_BPR1_EL1, %0" : : "r"(value)); }
    /// Returns once this and all writes before it have taken effect.
    static void set_ctlr(u64 value) {
        asm volatile("msr ICC_CTLR_EL1, %0\n\t"
                     "isb"
                     :
                     : "r"(value));
    }

    /// The barrier makes the acknowledge take effect before the handler touches the device [GICv3 4.1.1].
    [[nodiscard]] static u64 iar1() {
        u64 value;
        asm volatile("mrs %0, ICC_IAR1_EL1\n\t"
                     "dsb sy"
                     : "=r"(value)
                     :
                     : "memory");
        return value;
    }
    static void set_eoir1(u64 value) { asm volatile("msr ICC_EOIR1_EL1, %0" : : "r"(value) : "memory"); }
    static void set_dir(u64 value) { asm volatile("msr ICC_DIR_EL1, %0" : : "r"(value) : "memory"); }
    /// Stores before the SGI are visible to its handler; the SGI itself is sent now, not at a later synchronization.
    static void set_sgi1r(u64 value) {
        asm volatile("dsb ishst\n\t"
                     "msr ICC_SGI1R_EL1, %0\n\t"
                     "isb"
                     :
                     : "r"(value)
                     : "memory");
    }
};

} // namespace trv::arch
