// SPDX-License-Identifier: Apache-2.0
#pragma once
// Calls to the hypervisor with every register that can carry something.

#include "lib/types.hpp"

#include <array>

extern "C" {
void bare_hvc(trv::u64* registers);
void bare_smc(trv::u64* registers);
void bare_hvc_xen(trv::u64* registers);
void bare_smc_reserved(trv::u64* registers);
}

namespace trv::bare {

enum class Conduit : u8 { Hvc, Smc };

/// x0 to x17, before or after a call.
using CallRegisters = std::array<u64, 18>;

inline CallRegisters call(Conduit conduit, CallRegisters registers) {
    (conduit == Conduit::Hvc ? bare_hvc : bare_smc)(registers.data());
    return registers;
}

/// A call of which only x0 matters.
[[nodiscard]] inline u64 call(Conduit conduit, u64 function, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
    return call(conduit, CallRegisters{function, a1, a2, a3})[0];
}

} // namespace trv::bare
