// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/smccc.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap {

/// A guest's calls to its OP-TEE, a service of trap/smc_service.hpp. If OP-TEE returns because of a physical interrupt,
/// EL2 takes the interrupt; the call returns to the guest only if the interrupt concerns this vCPU, or if other vCPUs
/// are ready.
struct SecureCalls {
    static constexpr bool claims(u32 function) {
        constexpr u32 first_trusted_os = 50; // the range goes to 63, the last owner that there is [SMCCC 6.1]
        return arch::smccc::owner(function) >= first_trusted_os;
    }
    static void handle(vm::Vcpu& vcpu, u32 function);
};

} // namespace trv::trap
