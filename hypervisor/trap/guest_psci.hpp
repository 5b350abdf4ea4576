// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vm/vcpu.hpp"

namespace trv::trap {

/// PSCI 1.1 for guests (DEN0022), a service of trap/smc_service.hpp.
struct PsciCalls {
    /// The range that is reserved for it, in either width [SMCCC 6.1].
    static constexpr bool claims(u32 function) { return (function & 0xbfff'ffe0) == 0x8400'0000; }
    static void handle(vm::Vcpu& vcpu, u32 function);
};

} // namespace trv::trap
