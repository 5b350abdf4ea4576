// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <array>
#include <string_view>

namespace trv::vm {

/// Reasons for exits. Counted per vCPU; only its own CPU writes.
enum class ExitReason : u8 { Interrupt, Hypercall, Smc, SystemRegister, Mmio, Wfi, Fault, Count };

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
    case ExitReason::Count:
        break;
    }
    return "unknown";
}

struct ExitStatistics {
    std::array<u64, static_cast<unsigned>(ExitReason::Count)> counts{};

    void count(ExitReason reason) { ++counts[static_cast<unsigned>(reason)]; }
};

} // namespace trv::vm
