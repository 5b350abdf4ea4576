// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a vCPU whose EL1 is in AArch32 has beside the registers of one in AArch64. Banked general-purpose registers are X8 to X30,
// SPSR_svc is SPSR_EL1, and most others are halves of EL1's registers [Arm ARM D1.8.1, G8.1.3]: a switch saves them anyway.

#include "lib/types.hpp"

namespace trv::arch {

struct Aarch32Registers {
    bool in_use; ///< EL1 is in AArch32
    u32 dacr, ifsr, fpexc;
    u32 spsr_abt, spsr_und, spsr_irq, spsr_fiq;
};

/// To this CPU, and EL1 in AArch32. Precondition: in_use
void load_aarch32(const Aarch32Registers& registers);
/// From this CPU, and EL1 in AArch64.
void save_aarch32(Aarch32Registers& registers);

} // namespace trv::arch
