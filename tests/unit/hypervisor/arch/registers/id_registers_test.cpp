// SPDX-License-Identifier: Apache-2.0
// What is hidden must be hidden whatever the hardware says: random hardware, and fields named by the manual [Arm ARM
// D24.2].

#include "arch/registers/id_registers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace trv::arch {
namespace {

struct Field {
    const char* name;
    SystemRegister in;
    unsigned low;
};

constexpr SystemRegister id(u32 crm, u32 op2) {
    return system_register(3, 0, 0, crm, op2);
}
constexpr SystemRegister pfr0 = id(4, 0);
constexpr SystemRegister pfr1 = id(4, 1);
constexpr SystemRegister dfr0 = id(5, 0);
constexpr SystemRegister isar0 = id(6, 0);
constexpr SystemRegister isar1 = id(6, 1);
constexpr SystemRegister mmfr0 = id(7, 0);
constexpr SystemRegister mmfr1 = id(7, 1);
constexpr SystemRegister mmfr2 = id(7, 2);

constexpr Field hidden[] = {
    {"EL2", pfr0, 8},
    {"EL3", pfr0, 12},
    {"RAS", pfr0, 28},
    {"SVE", pfr0, 32},
    {"SEL2", pfr0, 36},
    {"MPAM", pfr0, 40},
    {"AMU", pfr0, 44},
    {"RME", pfr0, 52},
    {"MTE", pfr1, 8},
    {"RAS_frac", pfr1, 12},
    {"MPAM_frac", pfr1, 16},
    {"SME", pfr1, 24},
    {"NMI", pfr1, 36},
    {"GCS", pfr1, 44},
    {"TraceVer", dfr0, 4},
    {"PMSVer", dfr0, 32},
    {"TraceFilt", dfr0, 40},
    {"TraceBuffer", dfr0, 44},
    {"BRBE", dfr0, 52},
    {"HPMN0", dfr0, 60},
    {"TME", isar0, 24},
    {"APA", isar1, 4},
    {"API", isar1, 8},
    {"GPA", isar1, 24},
    {"GPI", isar1, 28},
    {"LS64", isar1, 60},
    {"BigEnd", mmfr0, 8},
    {"BigEndEL0", mmfr0, 16},
    {"FGT", mmfr0, 56},
    {"ECV", mmfr0, 60},
    {"HAFDBS' VMIDBits", mmfr1, 4},
    {"VH", mmfr1, 8},
    {"LO", mmfr1, 16},
    {"TWED", mmfr1, 32},
    {"HCX", mmfr1, 40},
    {"IESB", mmfr2, 12},
    {"NV", mmfr2, 24},
    {"FWB", mmfr2, 40},
    {"EVT", mmfr2, 56},
};

u64 nibble(u64 value, unsigned low) {
    return value >> low & 0xf;
}

TEST(IdRegisters, HideWhatIsNotVirtualizedWhateverTheHardwareHas) {
    std::mt19937_64 random(1);
    for (unsigned i = 0; i < 1000; ++i) {
        const u64 hardware = i == 0 ? ~u64{0} : random();
        for (const Field& field : hidden) {
            EXPECT_EQ(nibble(sanitize_id_register(field.in, hardware), field.low), 0U) << field.name;
        }
    }
}

TEST(IdRegisters, HideRegistersThatAreNotDefinedYet) {
    for (u32 crm = 4; crm <= 7; ++crm) {
        for (u32 op2 = 3; op2 < 8; ++op2) {
            EXPECT_EQ(sanitize_id_register(id(crm, op2), ~u64{0}), 0U) << crm << ' ' << op2;
        }
    }
    EXPECT_EQ(sanitize_id_register(id(6, 2), ~u64{0}), 0U) << "ISAR2";
    EXPECT_EQ(sanitize_id_register(id(5, 1), ~u64{0}), 0U) << "DFR1";
}

TEST(IdRegisters, ShowEl1In64BitsOnly) {
    for (const u64 hardware : {u64{0x1111}, u64{0x2222}, ~u64{0}}) {
        EXPECT_EQ(nibble(sanitize_id_register(pfr0, hardware), 4), 1U);
    }
}

TEST(IdRegisters, PromiseNoRegistersForBranchContexts) {
    EXPECT_EQ(nibble(sanitize_id_register(pfr0, u64{3} << 56), 56), 1U);
    EXPECT_EQ(nibble(sanitize_id_register(pfr0, u64{1} << 56), 56), 1U);
    EXPECT_EQ(nibble(sanitize_id_register(pfr0, 0), 56), 0U);
}

TEST(IdRegisters, ShowWhatIsHarmlessAsItIs) {
    const u64 hardware = 0x1234'5678'9abc'def1;
    EXPECT_EQ(nibble(sanitize_id_register(pfr0, hardware), 16), nibble(hardware, 16)) << "FP";
    EXPECT_EQ(nibble(sanitize_id_register(isar0, hardware), 20), nibble(hardware, 20)) << "atomics";
    EXPECT_EQ(nibble(sanitize_id_register(mmfr0, hardware), 4), nibble(hardware, 4)) << "ASIDBits";
    EXPECT_EQ(nibble(sanitize_id_register(mmfr1, hardware), 0), nibble(hardware, 0)) << "HAFDBS";
    EXPECT_EQ(sanitize_id_register(id(2, 0), hardware), hardware) << "ID_ISAR0: an AArch32 application's instructions";
}

TEST(IdRegisters, ShowNoPhysicalAddressesThatStage2DoesNotHave) {
    for (u64 range = 0; range < 16; ++range) {
        EXPECT_EQ(nibble(sanitize_id_register(mmfr0, range), 0), std::min<u64>(range, 2)) << "40 bits at most";
    }
}

TEST(IdRegisters, ShowTheBreakpointsOfTheCpuButNoMoreThanTheirNumbersCanSay) {
    EXPECT_EQ(sanitize_id_register(dfr0, 0x1030'5106), 0x1030'5106U) << "a Cortex-A57";
    EXPECT_EQ(nibble(sanitize_id_register(dfr0, 0xb), 0), 0xaU) << "without MDSELR_EL1";
}

TEST(IdRegisters, ShowAPmuWithCountersOf32Bits) {
    EXPECT_EQ(guest_pmu_version(0), 0U);
    EXPECT_EQ(guest_pmu_version(0x100), 1U);
    EXPECT_EQ(guest_pmu_version(0x800), 4U) << "Armv8.1's at most";
    EXPECT_EQ(guest_pmu_version(0xf00), 0U) << "not PMUv3";
}

TEST(IdRegisters, NeverShowWhatTheHardwareLacks) {
    std::mt19937_64 random(2);
    for (unsigned i = 0; i < 1000; ++i) {
        const u64 hardware = random();
        for (const SystemRegister name : {pfr1, isar0, isar1, mmfr1, mmfr2, id(1, 0), id(1, 1), id(1, 2)}) {
            EXPECT_EQ(sanitize_id_register(name, hardware) & ~hardware, 0U);
        }
        constexpr u64 pa_range = 0xf; // a number, not flags: see above
        EXPECT_EQ(sanitize_id_register(mmfr0, hardware) & ~hardware & ~pa_range, 0U);
    }
}

TEST(IdRegisters, AreThoseThatTheTrapCatches) {
    const auto trap = [](u32 op0, u32 op1, u32 crn, u32 crm) {
        return SystemRegisterTrap{u64{op0} << 20 | u64{op1} << 14 | u64{crn} << 10 | u64{crm} << 1 | 1};
    };
    EXPECT_TRUE(is_id_register(trap(3, 0, 0, 1)));
    EXPECT_TRUE(is_id_register(trap(3, 0, 0, 7)));
    EXPECT_FALSE(is_id_register(trap(3, 0, 0, 0))) << "MIDR, MPIDR";
    EXPECT_FALSE(is_id_register(trap(3, 0, 0, 8)));
    EXPECT_FALSE(is_id_register(trap(3, 1, 0, 1))) << "CCSIDR's space";
    EXPECT_FALSE(is_id_register(trap(2, 0, 0, 1)));
}

} // namespace
} // namespace trv::arch
