// SPDX-License-Identifier: Apache-2.0
// Which measure a CPU gets: a table of CPUs as their MIDR_EL1 and identification registers describe them.

#include "arch/smccc.hpp"
#include "arch/speculation.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace trv::arch {

void PrintTo(SpeculationMeasures::AtExit measure, std::ostream* out) {
    *out << name_of(measure);
}
void PrintTo(SpeculationMeasures::Exposure exposure, std::ostream* out) {
    *out << name_of(exposure);
}

namespace {

using enum SpeculationMeasures::AtExit;
using Exposure = SpeculationMeasures::Exposure;

constexpr u64 csv2(u64 level) {
    return level << 56;
}
constexpr u64 ecbhb = u64{1} << 60;  ///< ID_AA64MMFR1_EL1
constexpr u64 clrbhb = u64{1} << 28; ///< ID_AA64ISAR2_EL1

struct Row {
    const char* cpu;
    CpuFacts facts;
    SpeculationMeasures::AtExit at_exit;
    u32 loop_count;
    u32 exit_call;
    u32 switch_call;
    Exposure exposure;
};

constexpr CpuFacts cpu(u64 midr, u64 pfr0, i32 workaround1 = -1, i32 workaround3 = -1, u64 mmfr1 = 0, u64 isar2 = 0) {
    return {.midr = midr,
            .pfr0 = pfr0,
            .mmfr1 = mmfr1,
            .isar2 = isar2,
            .workaround1 = workaround1,
            .workaround3 = workaround3};
}

constexpr u32 call1 = smccc::ArchWorkaround1;
constexpr u32 call3 = smccc::ArchWorkaround3;

constexpr Row rows[] = {
    {"Cortex-A53", cpu(0x410f'd034, 0), Nothing, 0, 0, 0, Exposure::Nothing},
    {"Cortex-A55", cpu(0x412f'd050, csv2(1)), Nothing, 0, 0, 0, Exposure::Nothing},
    {"Cortex-A510", cpu(0x411f'd461, csv2(1)), Nothing, 0, 0, 0, Exposure::Nothing},
    {"Cortex-A57, QEMU's", cpu(0x411f'd070, 0, 0), Nothing, 0, 0, call1, Exposure::BranchTargets},
    {"Cortex-A57, newer firmware", cpu(0x411f'd070, 0, 0, 0), Nothing, 0, 0, call3, Exposure::BranchTargets},
    {"Cortex-A57, old firmware", cpu(0x411f'd070, 0), Nothing, 0, 0, 0, Exposure::NoMeasure},
    {"Cortex-A72 r0p3", cpu(0x410f'd083, 0, 0), Nothing, 0, 0, call1, Exposure::BranchTargets},
    {"Cortex-A72 r1p0", cpu(0x411f'd080, csv2(1), 1), BranchLoop, 8, 0, 0, Exposure::Nothing},
    {"Cortex-A73", cpu(0x411f'd091, 0, 0, 0), Nothing, 0, 0, call3, Exposure::BranchTargets},
    {"Cortex-A75 r3p0", cpu(0x413f'd0a0, csv2(1), 1, 0), FirmwareCall, 0, call3, 0, Exposure::Nothing},
    {"Cortex-A75 r3p0, old firmware", cpu(0x413f'd0a0, csv2(1), 1), Nothing, 0, 0, 0, Exposure::NoMeasure},
    {"Cortex-A76", cpu(0x414f'd0b1, csv2(1), 1), BranchLoop, 24, 0, 0, Exposure::Nothing},
    {"Neoverse N1", cpu(0x413f'd0c1, csv2(1), 1), BranchLoop, 24, 0, 0, Exposure::Nothing},
    {"Cortex-A78", cpu(0x411f'd411, csv2(2), 1), BranchLoop, 32, 0, 0, Exposure::Nothing},
    {"Neoverse V2", cpu(0x410f'd4f1, csv2(2)), BranchLoop, 132, 0, 0, Exposure::Nothing},
    {"Cortex-A715", cpu(0x411f'd4d0, csv2(2)), BranchLoop, 38, 0, 0, Exposure::Nothing},
    {"Ampere1", cpu(0xc00f'ac30, csv2(1)), BranchLoop, 11, 0, 0, Exposure::Nothing},
    {"with CLRBHB", cpu(0x410f'd820, csv2(2), -1, -1, 0, clrbhb), ClearInstruction, 0, 0, 0, Exposure::Nothing},
    {"Neoverse N2 with CLRBHB", cpu(0x410f'd490, csv2(2), -1, -1, 0, clrbhb), ClearInstruction, 0, 0, 0,
     Exposure::Nothing},
    {"with ECBHB", cpu(0x410f'd840, csv2(2), -1, -1, ecbhb, clrbhb), Nothing, 0, 0, 0, Exposure::Nothing},
    {"with CSV2_3", cpu(0x410f'd840, csv2(3)), Nothing, 0, 0, 0, Exposure::Nothing},
    {"unknown, CSV2", cpu(0x990f'1230, csv2(1)), Nothing, 0, 0, 0, Exposure::NoMeasure},
    {"unknown, CSV2, firmware has a call", cpu(0x990f'1230, csv2(1), -1, 0), FirmwareCall, 0, call3, 0,
     Exposure::Nothing},
    {"unknown, no CSV2", cpu(0x990f'1230, 0), Nothing, 0, 0, 0, Exposure::NoMeasure},
    {"unknown, firmware says unaffected", cpu(0x990f'1230, 0, 1, 1), Nothing, 0, 0, 0, Exposure::Nothing},
};

TEST(Speculation, EachCpuGetsItsMeasure) {
    for (const Row& row : rows) {
        SCOPED_TRACE(row.cpu);
        const SpeculationMeasures measures = choose_measures(row.facts, false);
        EXPECT_EQ(measures.at_exit, row.at_exit);
        EXPECT_EQ(measures.loop_count, row.loop_count);
        EXPECT_EQ(measures.exit_call, row.exit_call);
        EXPECT_EQ(measures.switch_call, row.switch_call);
        EXPECT_EQ(measures.exposure, row.exposure);
    }
}

TEST(Speculation, WithCallsAtExitsFirmwareProtectsEl2Too) {
    for (const Row& row : rows) {
        SCOPED_TRACE(row.cpu);
        const SpeculationMeasures measures = choose_measures(row.facts, true);
        if (row.exposure == Exposure::BranchTargets) {
            EXPECT_EQ(measures.at_exit, FirmwareCall);
            EXPECT_EQ(measures.exit_call, row.switch_call);
            EXPECT_EQ(measures.exposure, Exposure::Nothing);
        } else {
            EXPECT_EQ(measures.at_exit, row.at_exit) << "an SMC at each exit is for those who need it";
        }
        EXPECT_EQ(measures.switch_call, row.switch_call);
    }
}

TEST(Speculation, GuestsNeverNeedTheStoreBypassSwitch) {
    const auto shown = [](i32 firmware) { return workaround2_for_guests({.workaround2 = firmware}); };
    EXPECT_EQ(shown(0), -2) << "it stays on";
    EXPECT_EQ(shown(1), 1);
    EXPECT_EQ(shown(-2), -2);
    EXPECT_EQ(shown(-1), -1) << "nothing is known";
}

} // namespace
} // namespace trv::arch
