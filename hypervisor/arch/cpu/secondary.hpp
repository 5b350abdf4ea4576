// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

namespace trv::arch {

/// A CPU's parameters until its MMU is on; boot/start.S reads them with the MMU off.
struct SecondaryStart {
    u64 ttbr0;
    u64 tcr;
    u64 mair;
    Va stack;  ///< the address past its last byte
    void* cpu; ///< argument of trivisor_secondary()
};

} // namespace trv::arch
