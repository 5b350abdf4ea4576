// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arch/aarch32/exception.hpp"

namespace trv::arch::aarch32 {

struct FakeExceptionState {
    u32 saved_undefined = 0; ///< SPSR_und
    u32 saved_abort = 0;     ///< SPSR_abt
    u64 data_status = 0;     ///< DFSR
    u32 data_address = 0;    ///< DFAR
    u64 prefetch_status = 0; ///< IFSR
    u32 prefetch_address = 0;
    u64 translation_control = 0; ///< TTBCR
};
inline FakeExceptionState fake_exception_state;

inline void set_saved_pstate(Exception exception, u32 saved) {
    (exception == Exception::Undefined ? fake_exception_state.saved_undefined : fake_exception_state.saved_abort) =
        saved;
}
inline void set_data_fault(u64 status, u32 address) {
    fake_exception_state.data_status = status;
    fake_exception_state.data_address = address;
}
inline void set_prefetch_fault(u64 status, u32 address) {
    fake_exception_state.prefetch_status = status;
    fake_exception_state.prefetch_address = address;
}
[[nodiscard]] inline u64 translation_control() {
    return fake_exception_state.translation_control;
}

} // namespace trv::arch::aarch32
