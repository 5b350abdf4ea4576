// SPDX-License-Identifier: Apache-2.0
#pragma once
// The CPU's registers about the exception that brought it to EL2.

#include "arch/registers/sysreg.hpp"

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

// The EL1 registers that EL2 writes, and those that it reads, to inject an exception into the loaded guest.

struct GuestExceptionRegisters {
    u64 syndrome;       ///< ESR_EL1
    u64 return_address; ///< ELR_EL1
    u64 saved_pstate;   ///< SPSR_EL1
};

inline void set_guest_exception(const GuestExceptionRegisters& registers) {
    EsrEl1::write(registers.syndrome);
    ElrEl1::write(registers.return_address);
    SpsrEl1::write(registers.saved_pstate);
}

inline void set_guest_fault_address(u64 address) {
    FarEl1::write(address);
}

[[nodiscard]] inline u64 guest_system_control() {
    return SctlrEl1::read();
}

[[nodiscard]] inline u64 guest_vector_base() {
    return VbarEl1::read();
}

} // namespace trv::arch
