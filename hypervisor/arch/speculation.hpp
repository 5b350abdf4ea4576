// SPDX-License-Identifier: Apache-2.0
#pragma once
// What EL2 does on one CPU so that a guest cannot steer the CPU's predictions in EL2 or in another VM. Portable: the
// decision alone; it is carried out by arch/vectors.S at exits, and by sched/speculation.cpp where another VM is loaded.
//
// Sources: Arm, "Cache Speculation Side-channels"; Arm, "Spectre-BHB"; Arm, "Firmware interfaces for mitigating cache
// speculation vulnerabilities" (DEN0070A); [SMCCC 7.5 to 7.7].

#include "arch/cpu/cpu_facts.hpp"

#include <string_view>

namespace trv::arch {

struct SpeculationMeasures {
    /// At each exit, before EL2's first indirect branch.
    enum class AtExit : u8 {
        Nothing,
        ClearInstruction, ///< CLRBHB
        BranchLoop,       ///< fills the branch history with branches of ours
        FirmwareCall,
    };
    /// What a guest still can do.
    enum class Exposure : u8 {
        Nothing,
        BranchTargets, ///< the guest trains branch targets for EL2; the option that calls firmware at each exit is off
        NoMeasure,     ///< the CPU is affected or unknown, and firmware offers no call
    };

    AtExit at_exit = AtExit::Nothing;
    u8 loop_count = 0;   ///< iterations of the loop
    u32 exit_call = 0;   ///< the SMC function of FirmwareCall
    u32 switch_call = 0; ///< the SMC function before another VM is loaded; 0 for none
    Exposure exposure = Exposure::Nothing;
};

/// @param call_at_exits  whether firmware may be called at each exit where nothing less keeps a guest from EL2's branch
///                       targets
[[nodiscard]] SpeculationMeasures choose_measures(const CpuFacts& facts, bool call_at_exits);

/// Returns the result of SMCCC_ARCH_FEATURES that guests get for WORKAROUND_2: firmware's switch stays on, so no guest has to call
/// it.
[[nodiscard]] i32 workaround2_for_guests(const CpuFacts& facts);

[[nodiscard]] std::string_view name_of(SpeculationMeasures::AtExit measure);
[[nodiscard]] std::string_view name_of(SpeculationMeasures::Exposure exposure);

} // namespace trv::arch
