// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/result.hpp"
#include "lib/types.hpp"

#include <optional>

namespace trv::arch {

inline u64 fake_exception_syndrome = 0;
inline u64 fake_fault_address = 0;
inline u64 fake_fault_page = 0;

[[nodiscard]] inline u64 exception_syndrome() {
    return fake_exception_syndrome;
}
[[nodiscard]] inline u64 fault_address() {
    return fake_fault_address;
}
[[nodiscard]] inline u64 fault_page() {
    return fake_fault_page;
}

struct GuestExceptionRegisters {
    u64 syndrome;
    u64 return_address;
    u64 saved_pstate;
};

inline GuestExceptionRegisters fake_guest_exception{};
inline u64 fake_guest_fault_address = 0;
inline u64 fake_guest_vector_base = 0;
inline u64 fake_guest_system_control = 0;

inline void set_guest_exception(const GuestExceptionRegisters& registers) {
    fake_guest_exception = registers;
}
inline void set_guest_fault_address(u64 address) {
    fake_guest_fault_address = address;
}
[[nodiscard]] inline u64 guest_system_control() {
    return fake_guest_system_control;
}
[[nodiscard]] inline u64 guest_vector_base() {
    return fake_guest_vector_base;
}

inline std::optional<Ipa> fake_guest_store_address;

[[nodiscard]] inline std::optional<Ipa> guest_store_address(u64) {
    return fake_guest_store_address;
}

inline Result<Ipa> fake_guest_load_address = fail(Error::Denied);

[[nodiscard]] inline Result<Ipa> guest_load_address(u64, bool) {
    return fake_guest_load_address;
}

} // namespace trv::arch
