// SPDX-License-Identifier: Apache-2.0
#pragma once
// The EL1 registers that EL2 writes, and those that it reads, to inject an exception into the loaded guest.

#include "arch/sysreg.hpp"

namespace trv::arch {

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
