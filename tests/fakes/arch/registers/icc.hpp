// SPDX-License-Identifier: Apache-2.0
#pragma once
// The physical CPU interface, for tests of its driver: registers that remember.

#include "lib/types.hpp"

namespace trv::arch {

struct Icc {
    static void set_sre(u64 el2, u64 el1) { sre_el2 = el2, sre_el1 = el1; }
    static void set_igrpen1(u64 value) { igrpen1 = value; }
    static void set_ap1r0(u64 value) { ap1r0 = value; }
    static void set_pmr(u64 value) { pmr = value; }
    static void set_bpr1(u64 value) { bpr1 = value; }
    static void set_ctlr(u64 value) { ctlr = value; }
    [[nodiscard]] static u64 iar1() { return acknowledged; }
    static void set_eoir1(u64 value) { eoir1 = value; }
    static void set_dir(u64 value) { dir = value; }
    static void set_sgi1r(u64 value) { sgi1r = value; }

    static inline u64 sre_el2, sre_el1, igrpen1, ap1r0, pmr, bpr1, ctlr, acknowledged, eoir1, dir, sgi1r;
};

} // namespace trv::arch
