// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vm/secure_services.hpp"
#include "vm/vcpu.hpp"

namespace trv::trap {

/// A guest's calls to its OP-TEE, a service of trap/smc_service.hpp. If OP-TEE returns because of a physical interrupt,
/// EL2 takes the interrupt; the call returns to the guest only if the interrupt concerns this vCPU, or if other vCPUs
/// are ready.
struct SecureCalls {
    static constexpr bool claims(u32 function) { return vm::Mediator::claims(function); }
    static void handle(vm::Vcpu& vcpu, u32 function);
};

} // namespace trv::trap
