// SPDX-License-Identifier: Apache-2.0
#include "arch/speculation.hpp"

#include "arch/cpu/cpu_model.hpp"
#include "arch/registers/registers.hpp"
#include "arch/smccc.hpp"

namespace trv::arch {
namespace {

using enum CpuModel;

constexpr i32 call_needed = 0;
constexpr i32 cpu_unaffected = 1;
constexpr i32 no_cpu_affected = -2; ///< SMCCC_ARCH_WORKAROUND_2 only

/// In-order cores, and others whose makers say that branch targets cannot be trained from outside.
constexpr CpuModel targets_are_safe[] = {CortexA35,   CortexA53,     CortexA55,     BrahmaB53,
                                         TaiShanV110, Kryo2xxSilver, Kryo3xxSilver, Kryo4xxSilver};
constexpr CpuModel history_is_safe[] = {CortexA35, CortexA53,     CortexA55,     CortexA510,   CortexA520,
                                        BrahmaB53, Kryo2xxSilver, Kryo3xxSilver, Kryo4xxSilver};

/// Arm, "Spectre-BHB", table of loop counts.
struct LoopCount {
    CpuModel model;
    u8 count;
};
constexpr LoopCount loop_counts[] = {
    {CortexA57, 8},   {CortexA72, 8},    {Ampere1, 11},   {CortexA76, 24},   {CortexA76ae, 24}, {CortexA77, 24},
    {NeoverseN1, 24}, {Kryo4xxGold, 24}, {CortexA78, 32}, {CortexA78ae, 32}, {CortexA78c, 32},  {CortexX1, 32},
    {CortexX1c, 32},  {CortexA710, 32},  {CortexX2, 32},  {NeoverseN2, 32},  {NeoverseV1, 32},  {TaiShanV110, 32},
    {CortexA715, 38}, {CortexA720, 38},  {CortexX3, 132}, {NeoverseV2, 132}};

u8 loop_count_of(u64 midr) {
    for (const LoopCount& entry : loop_counts) {
        if (entry.model == model_of(midr)) {
            return entry.count;
        }
    }
    return 0;
}

/// ID_AA64PFR0_EL1.CSV2 [Arm ARM D24.2.86]: 1, what one context trained means nothing in another; 3, nor does its
/// history.
u64 csv2(const CpuFacts& facts) {
    return field(facts.pfr0, 59, 56);
}

bool are_targets_safe(const CpuFacts& facts) {
    return csv2(facts) >= 1 || facts.workaround1 == cpu_unaffected || is_among(facts.midr, targets_are_safe);
}

/// ID_AA64MMFR1_EL1.ECBHB: the history of a lower exception level is not used.
bool is_history_safe(const CpuFacts& facts) {
    return csv2(facts) >= 3 || field(facts.mmfr1, 63, 60) != 0 || facts.workaround3 == cpu_unaffected ||
           is_among(facts.midr, history_is_safe);
}

/// WORKAROUND_3 does what WORKAROUND_1 does, and clears the history, too.
u32 predictor_call(const CpuFacts& facts) {
    if (facts.workaround3 == call_needed) {
        return smccc::ArchWorkaround3;
    }
    return facts.workaround1 == call_needed ? smccc::ArchWorkaround1 : 0;
}

void choose_against_targets(SpeculationMeasures& measures, const CpuFacts& facts, bool call_at_exits) {
    measures.switch_call = predictor_call(facts);
    if (measures.switch_call == 0) {
        measures.exposure = SpeculationMeasures::Exposure::NoMeasure;
    } else if (call_at_exits) {
        measures.at_exit = SpeculationMeasures::AtExit::FirmwareCall;
        measures.exit_call = measures.switch_call;
    } else {
        // A loop against the history alone would be time spent for nothing: the guest would train for the loop's
        // history.
        measures.exposure = SpeculationMeasures::Exposure::BranchTargets;
    }
}

void choose_against_history(SpeculationMeasures& measures, const CpuFacts& facts) {
    const bool has_clear = field(facts.isar2, 31, 28) != 0; // ID_AA64ISAR2_EL1.CLRBHB
    const u8 count = loop_count_of(facts.midr);
    if (has_clear) {
        measures.at_exit = SpeculationMeasures::AtExit::ClearInstruction;
    } else if (count != 0) {
        measures.at_exit = SpeculationMeasures::AtExit::BranchLoop;
        measures.loop_count = count;
    } else if (facts.workaround3 == call_needed) {
        measures.at_exit = SpeculationMeasures::AtExit::FirmwareCall;
        measures.exit_call = smccc::ArchWorkaround3;
    } else {
        measures.exposure = SpeculationMeasures::Exposure::NoMeasure;
    }
}

} // namespace

[[gnu::cold]] SpeculationMeasures choose_measures(const CpuFacts& facts, bool call_at_exits) {
    SpeculationMeasures measures;
    if (!are_targets_safe(facts)) {
        choose_against_targets(measures, facts, call_at_exits);
    } else if (!is_history_safe(facts)) {
        choose_against_history(measures, facts);
    }
    return measures;
}

i32 workaround2_for_guests(const CpuFacts& facts) {
    return facts.workaround2 == call_needed ? no_cpu_affected : facts.workaround2;
}

std::string_view name_of(SpeculationMeasures::AtExit measure) {
    switch (measure) {
    case SpeculationMeasures::AtExit::Nothing:
        return "nothing";
    case SpeculationMeasures::AtExit::ClearInstruction:
        return "CLRBHB";
    case SpeculationMeasures::AtExit::BranchLoop:
        return "branch loop";
    case SpeculationMeasures::AtExit::FirmwareCall:
        return "firmware call";
    }
    return "unknown";
}

std::string_view name_of(SpeculationMeasures::Exposure exposure) {
    switch (exposure) {
    case SpeculationMeasures::Exposure::Nothing:
        return "nothing known is open";
    case SpeculationMeasures::Exposure::BranchTargets:
        return "guests can train EL2's branch targets (Kconfig PREDICTOR_CALL_AT_EXITS closes that)";
    case SpeculationMeasures::Exposure::NoMeasure:
        return "the CPU may be affected, and neither firmware nor Trivisor has a measure for it";
    }
    return "unknown";
}

} // namespace trv::arch
