// SPDX-License-Identifier: Apache-2.0
#pragma once
// The CPU's registers about the exception that brought it to EL2.

#include "arch/sysreg.hpp"

namespace trv::arch {

[[nodiscard]] inline u64 exception_syndrome() {
    return EsrEl2::read();
}
/// Guest-virtual, for aborts.
[[nodiscard]] inline u64 fault_address() {
    return FarEl2::read();
}
/// HPFAR_EL2 as it is, for aborts of stage 2; faulting_ipa() decodes it.
[[nodiscard]] inline u64 fault_page() {
    return HpfarEl2::read();
}

} // namespace trv::arch
