// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

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

} // namespace trv::arch
