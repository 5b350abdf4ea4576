// SPDX-License-Identifier: Apache-2.0
#pragma once
// The CPU's registers about the exception that brought it to EL2.

#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"
#include "lib/result.hpp"

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

/// [Arm ARM D24.2.120] PAR_EL1
namespace par_el1 {
inline constexpr u64 F = bit(0); ///< the translation failed
inline constexpr u64 S = bit(9); ///< in stage 2, on the walk of the guest's tables
} // namespace par_el1

[[nodiscard]] constexpr Ipa translated_ipa(u64 par, u64 address) {
    return Ipa((field(par, 47, 12) << 12) | (address & (page_size - 1)));
}

/// Where the loaded guest's kernel would write: after a permission fault of stage 2, HPFAR_EL2 is not valid
/// [Arm ARM D24.2.61]. The guest's tables may have changed since.
/// @return nothing if its own tables refuse it
[[nodiscard]] inline std::optional<Ipa> guest_store_address(u64 address) {
    const u64 guests = ParEl1::read();
    asm volatile("at s1e1w, %0\n\tisb" : : "r"(address) : "memory");
    const u64 result = ParEl1::read();
    ParEl1::write(guests);
    return (result & par_el1::F) != 0 ? std::nullopt : std::optional(translated_ipa(result, address));
}

/// Where the loaded guest would read.
/// @return Error::Busy if stage 2 lacked one of its tables for the moment, Error::Denied if these refuse it
[[nodiscard]] inline Result<Ipa> guest_load_address(u64 address, bool by_el0) {
    const u64 guests = ParEl1::read();
    if (by_el0) {
        asm volatile("at s1e0r, %0\n\tisb" : : "r"(address) : "memory");
    } else {
        asm volatile("at s1e1r, %0\n\tisb" : : "r"(address) : "memory");
    }
    const u64 result = ParEl1::read();
    ParEl1::write(guests);
    if ((result & par_el1::F) != 0) {
        return fail((result & par_el1::S) != 0 ? Error::Busy : Error::Denied);
    }
    return translated_ipa(result, address);
}

} // namespace trv::arch
