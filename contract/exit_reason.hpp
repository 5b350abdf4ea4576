// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace trv::contract {

/// Why a guest exited to EL2: in traces, and counted per vCPU in the monitor's statistics.
enum class ExitReason : std::uint8_t { Interrupt, Hypercall, Smc, SystemRegister, Mmio, Wfi, Fault, SError };

/// Those that statistics count: all before SError.
inline constexpr unsigned counted_exit_reasons = static_cast<unsigned>(ExitReason::SError);

[[nodiscard]] constexpr std::string_view name_of(ExitReason reason) {
    switch (reason) {
    case ExitReason::Interrupt:
        return "interrupt";
    case ExitReason::Hypercall:
        return "hvc";
    case ExitReason::Smc:
        return "smc";
    case ExitReason::SystemRegister:
        return "sysreg";
    case ExitReason::Mmio:
        return "mmio";
    case ExitReason::Wfi:
        return "wfi";
    case ExitReason::Fault:
        return "fault";
    case ExitReason::SError:
        return "serror";
    }
    return "exit";
}

} // namespace trv::contract
