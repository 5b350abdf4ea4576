// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the syndrome of an SError says [Arm ARM D24.2.45, ISS encoding for an SError exception]. Portable.

#include "arch/registers/registers.hpp"

namespace trv::arch {

enum class ErrorEffect : u8 {
    None,  ///< corrected, or nothing was lost: the software goes on
    Fatal, ///< to the software that caused it
};

/// Without FEAT_RAS, or with a syndrome that is implementation defined, nothing is known: fatal. So is an
/// "uncontainable" one, as which cores report an ordinary error of the bus: it must not be more than the guest's own
/// trouble, or a guest could stop the machine with it.
[[nodiscard]] constexpr ErrorEffect effect_of_error(u64 syndrome) {
    constexpr u64 implementation_defined = bit(24);
    constexpr u64 asynchronous_error = 0x11; ///< DFSC: the severity field means something
    constexpr u64 restartable = 2;
    constexpr u64 corrected = 6;
    if ((syndrome & implementation_defined) != 0 || field(syndrome, 5, 0) != asynchronous_error) {
        return ErrorEffect::Fatal;
    }
    const u64 severity = field(syndrome, 12, 10); // AET
    return severity == restartable || severity == corrected ? ErrorEffect::None : ErrorEffect::Fatal;
}

/// What of it the guest's ESR_EL1 shows: IDS and ISS, as VSESR_EL2 has them.
[[nodiscard]] constexpr u64 guest_error_syndrome(u64 syndrome) {
    return field(syndrome, 24, 0);
}

} // namespace trv::arch
