// SPDX-License-Identifier: Apache-2.0
#pragma once
// PSCI, as a guest calls it.

#include "guests/bare/lib/hardware/calls.hpp"
#include "lib/psci.hpp"

namespace trv::bare::power {

/// What PSCI answers: a status, or a value that the function defines; 32 bits, signed.
[[nodiscard]] inline i64 ask(u32 function, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
    return static_cast<i32>(call(Conduit::Hvc, function, a1, a2, a3));
}

[[nodiscard]] inline psci::Status cpu_on(u64 target, u64 entry, u64 context) {
    return static_cast<psci::Status>(ask(psci::CpuOn64, target, entry, context));
}

[[nodiscard]] inline i64 affinity_info(u64 target, u64 level = 0) {
    return ask(psci::AffinityInfo64, target, level);
}

/// Standby: comes back when an interrupt is there.
[[nodiscard]] inline psci::Status suspend() {
    return static_cast<psci::Status>(ask(psci::CpuSuspend64));
}

[[noreturn]] inline void never_returns(u32 function) {
    (void)ask(function);
    for (;;) {
        asm volatile("wfi");
    }
}

[[noreturn]] inline void cpu_off() {
    never_returns(psci::CpuOff);
}
[[noreturn]] inline void system_off() {
    never_returns(psci::SystemOff);
}
[[noreturn]] inline void system_reset() {
    never_returns(psci::SystemReset);
}

} // namespace trv::bare::power
