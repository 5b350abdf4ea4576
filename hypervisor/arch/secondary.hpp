#pragma once

#include "lib/types.hpp"

namespace trv::arch {

/// What a CPU needs before it can use memory as we do; read with the MMU off, by boot/start.S.
struct SecondaryStart {
    u64 ttbr0;
    u64 tcr;
    u64 mair;
    Va stack;  ///< the address past its last byte
    void* cpu; ///< argument of trivisor_secondary()
};

} // namespace trv::arch
