// SPDX-License-Identifier: Apache-2.0
#pragma once
// System registers by number, so that those which the assembler does not know can be tried, too.

#include "guests/bare/lib/fault.hpp"

namespace trv::bare::checks {

struct RegisterRead {
    std::optional<Fault> fault;
    u64 value = 0;
};

template <unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2>
[[nodiscard]] RegisterRead read_register() {
    RegisterRead result;
    result.fault = attempt([&result] {
        asm volatile("mrs %0, S%c1_%c2_C%c3_C%c4_%c5"
                     : "=r"(result.value)
                     : "i"(op0), "i"(op1), "i"(crn), "i"(crm), "i"(op2));
    });
    return result;
}

template <unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2>
[[nodiscard]] std::optional<Fault> write_register(u64 value) {
    return attempt([value] {
        asm volatile("msr S%c1_%c2_C%c3_C%c4_%c5, %0" : : "r"(value), "i"(op0), "i"(op1), "i"(crn), "i"(crm), "i"(op2));
    });
}

} // namespace trv::bare::checks
