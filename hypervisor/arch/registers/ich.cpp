// SPDX-License-Identifier: Apache-2.0
#include "arch/registers/ich.hpp"

namespace trv::arch {

// The number of a system register is part of the instruction, hence one instruction per register. Two lint rules do not
// fit: parentheses around part of a string literal, and const for variables that assembly writes.
// NOLINTBEGIN(bugprone-macro-parentheses, misc-const-correctness)
#define TRV_ICH_READ_CASE(n, prefix)                                                                                   \
    case n:                                                                                                            \
        TRV_ICH_READ(prefix #n "_EL2", value);                                                                         \
        break
#define TRV_ICH_WRITE_CASE(n, prefix)                                                                                  \
    case n:                                                                                                            \
        TRV_ICH_WRITE(prefix #n "_EL2", value);                                                                        \
        break
#define TRV_ICH_4_CASES(CASE, prefix)                                                                                  \
    CASE(0, prefix);                                                                                                   \
    CASE(1, prefix);                                                                                                   \
    CASE(2, prefix);                                                                                                   \
    CASE(3, prefix)
#define TRV_ICH_16_CASES(CASE, prefix)                                                                                 \
    TRV_ICH_4_CASES(CASE, prefix);                                                                                     \
    CASE(4, prefix);                                                                                                   \
    CASE(5, prefix);                                                                                                   \
    CASE(6, prefix);                                                                                                   \
    CASE(7, prefix);                                                                                                   \
    CASE(8, prefix);                                                                                                   \
    CASE(9, prefix);                                                                                                   \
    CASE(10, prefix);                                                                                                  \
    CASE(11, prefix);                                                                                                  \
    CASE(12, prefix);                                                                                                  \
    CASE(13, prefix);                                                                                                  \
    CASE(14, prefix);                                                                                                  \
    CASE(15, prefix)

u64 Ich::list_register(unsigned n) {
    u64 value = 0;
    switch (n) {
        TRV_ICH_16_CASES(TRV_ICH_READ_CASE, "ICH_LR");
    default:
        break;
    }
    return value;
}

void Ich::set_list_register(unsigned n, u64 value) {
    switch (n) {
        TRV_ICH_16_CASES(TRV_ICH_WRITE_CASE, "ICH_LR");
    default:
        break;
    }
}

u64 Ich::active_priorities0(unsigned n) {
    u64 value = 0;
    switch (n) {
        TRV_ICH_4_CASES(TRV_ICH_READ_CASE, "ICH_AP0R");
    default:
        break;
    }
    return value;
}

void Ich::set_active_priorities0(unsigned n, u64 value) {
    switch (n) {
        TRV_ICH_4_CASES(TRV_ICH_WRITE_CASE, "ICH_AP0R");
    default:
        break;
    }
}

u64 Ich::active_priorities1(unsigned n) {
    u64 value = 0;
    switch (n) {
        TRV_ICH_4_CASES(TRV_ICH_READ_CASE, "ICH_AP1R");
    default:
        break;
    }
    return value;
}

void Ich::set_active_priorities1(unsigned n, u64 value) {
    switch (n) {
        TRV_ICH_4_CASES(TRV_ICH_WRITE_CASE, "ICH_AP1R");
    default:
        break;
    }
}

// NOLINTEND(bugprone-macro-parentheses, misc-const-correctness)

} // namespace trv::arch
