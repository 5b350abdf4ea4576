// SPDX-License-Identifier: Apache-2.0
#include "arch/smccc.hpp"

#include "arch/asynchronous_error.hpp"

namespace trv::arch {

SmcResult smc(const SmcArguments& arguments) {
    // Firmware that finds an error pending for EL2 returns to have EL2 take it first, and gives up when that never
    // happens.
    settle_errors();
    // NOLINTBEGIN(misc-const-correctness): the instruction changes them
    register u64 x0 asm("x0") = arguments.a[0];
    register u64 x1 asm("x1") = arguments.a[1];
    register u64 x2 asm("x2") = arguments.a[2];
    register u64 x3 asm("x3") = arguments.a[3];
    register u64 x4 asm("x4") = arguments.a[4];
    register u64 x5 asm("x5") = arguments.a[5];
    register u64 x6 asm("x6") = arguments.a[6];
    register u64 x7 asm("x7") = arguments.a[7];
    // NOLINTEND(misc-const-correctness)
    asm volatile("smc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
                 :
                 : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory", "cc");
    return {{x0, x1, x2, x3}};
}

} // namespace trv::arch
