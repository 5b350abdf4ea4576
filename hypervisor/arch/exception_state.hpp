// SPDX-License-Identifier: Apache-2.0
#pragma once
// The CPU's registers about the exception that brought it to EL2.

#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"

#include <optional>

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

/// Where the loaded guest's kernel would write: after a permission fault of stage 2, HPFAR_EL2 is not valid
/// [Arm ARM D24.2.61]. The guest's tables may have changed since.
/// @return nothing if its own tables refuse it
[[nodiscard]] inline std::optional<Ipa> guest_store_address(u64 address) {
    constexpr u64 failed = bit(0);
    const u64 guests = ParEl1::read();
    asm volatile("at s1e1w, %0\n\tisb" : : "r"(address) : "memory");
    const u64 result = ParEl1::read();
    ParEl1::write(guests);
    return (result & failed) != 0 ? std::nullopt
                                  : std::optional(Ipa((field(result, 47, 12) << 12) | (address & (page_size - 1))));
}

} // namespace trv::arch
