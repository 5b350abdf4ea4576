// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trv::arch {

inline bool fake_wfi_trapped = false;
inline void configure_guest_traps() {}
inline void trap_wfi(bool trap) {
    fake_wfi_trapped = trap;
}

} // namespace trv::arch
