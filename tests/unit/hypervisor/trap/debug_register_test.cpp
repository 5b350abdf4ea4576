// SPDX-License-Identifier: Apache-2.0
#include "register_accesses.hpp"

namespace trv::trap {
namespace {

using namespace vm;
using namespace arch;

// On the host, a CPU has six breakpoints and four watchpoints.
class DebugRegisterTest : public RegisterAccesses {
  public:
    DebugRegisterTest() { fake_guest_cpu.debug = {}; }

    u64 read(u32 op1, u32 crn, u32 crm, u32 op2) { return read_value(2, op1, crn, crm, op2); }
    void write(u32 op1, u32 crn, u32 crm, u32 op2, u64 value) { write_value(2, op1, crn, crm, op2, value); }
    void write_mdscr(u64 value) { write(0, 0, 2, 2, value); }
};

TEST_F(DebugRegisterTest, KeepValuesAndReachTheCpuOnlyInUse) {
    write(0, 0, 1, 4, 0x1234); // DBGBVR1_EL1
    write(0, 0, 1, 5, 0x1e7);  // DBGBCR1_EL1
    write(0, 0, 3, 6, 0x9998); // DBGWVR3_EL1
    EXPECT_TRUE(went_on());
    EXPECT_EQ(read(0, 0, 1, 4), 0x1234U);
    EXPECT_EQ(read(0, 0, 1, 5), breakpoint_control(0x1e7));
    EXPECT_EQ(read(0, 0, 3, 6), 0x9998U);
    EXPECT_EQ(fake_guest_cpu.debug.breakpoints[1].value, 0U) << "nothing is enabled";
    write_mdscr(mdscr_el1::MDE);
    EXPECT_EQ(fake_guest_cpu.debug.breakpoints[1].value, 0x1234U);
    EXPECT_EQ(fake_guest_cpu.debug.watchpoints[3].value, 0x9998U);
    EXPECT_EQ(fake_guest_cpu.debug.control, mdscr_el1::MDE);
    write_mdscr(mdscr_el1::KDE);
    EXPECT_EQ(fake_guest_cpu.debug.control, 0U) << "silent";
    EXPECT_EQ(read(0, 0, 2, 2), mdscr_el1::KDE);
}

TEST_F(DebugRegisterTest, WhatHaltsTheCpuIsNotTheGuests) {
    write_mdscr(~u64{0});
    constexpr u64 kept = mdscr_el1::SS | mdscr_el1::TDCC | mdscr_el1::KDE | mdscr_el1::MDE;
    EXPECT_EQ(read(0, 0, 2, 2), kept);
    EXPECT_EQ(fake_guest_cpu.debug.control, kept);
}

TEST_F(DebugRegisterTest, PointsThatTheCpuLacksAreUndefined) {
    (void)read(0, 0, 5, 5);
    EXPECT_TRUE(went_on());
    (void)read(0, 0, 6, 5);
    EXPECT_TRUE(is_undefined());
    (void)read(0, 0, 3, 7);
    EXPECT_TRUE(went_on());
    write(0, 0, 4, 6, 1);
    EXPECT_TRUE(is_undefined());
    write(0, 0, 15, 7, 1);
    EXPECT_TRUE(is_undefined());
}

TEST_F(DebugRegisterTest, TheLockIsOpenAndTheRestReadsAsZero) {
    EXPECT_EQ(read(0, 1, 1, 4), 8U) << "OSLSR_EL1: the lock is there, and open";
    write(0, 1, 0, 4, 1); // OSLAR_EL1
    EXPECT_TRUE(went_on());
    EXPECT_EQ(read(0, 1, 1, 4), 8U);
    EXPECT_EQ(read(0, 1, 0, 0), 0U) << "MDRAR_EL1";
    EXPECT_EQ(read(0, 7, 8, 6), 0U) << "DBGCLAIMSET_EL1";
}

TEST_F(DebugRegisterTest, El0HasTheChannelToADebuggerUnlessItsKernelTakesIt) {
    vcpu->registers().pstate = spsr::El0t;
    EXPECT_EQ(read(3, 0, 1, 0), 0U) << "MDCCSR_EL0";
    EXPECT_TRUE(went_on());
    vcpu->registers().pstate = spsr::El1h;
    write_mdscr(mdscr_el1::TDCC);
    vcpu->registers().pstate = spsr::El0t;
    (void)read(3, 0, 1, 0);
    EXPECT_TRUE(is_undefined());
}

TEST_F(DebugRegisterTest, AResetTurnsAllOff) {
    write(0, 0, 0, 4, 0x1234);
    write_mdscr(mdscr_el1::MDE);
    reset(vcpu->context(), guest_pc, 0);
    EXPECT_FALSE(vcpu->context().debug.in_use());
    EXPECT_EQ(read(0, 0, 0, 4), 0U);
}

TEST(GuestDebug, OnlyTheGuestsOwnLevelsMatch) {
    constexpr u64 non_secure = 1 << 14;
    EXPECT_EQ(breakpoint_control(0x1e7), 0x1e7U | non_secure);
    EXPECT_EQ(breakpoint_control(0x1e7 | 1 << 13 | 3 << 14), 0x1e7U | non_secure) << "HMC and SSC: EL2, and OP-TEE";
    EXPECT_EQ(breakpoint_control(0x1e6), 0x1e6U | non_secure) << "off";
    for (u64 type = 0; type < 4; ++type) {
        EXPECT_EQ(breakpoint_control(0x1e7 | type << 20), 0x1e7U | type << 20 | non_secure);
    }
    for (u64 type = 4; type < 16; ++type) {
        EXPECT_EQ(breakpoint_control(0x1e7 | type << 20), 0x1e6U | type << 20 | non_secure)
            << "off: compares VMIDs, or is reserved: " << type;
    }
    EXPECT_EQ(watchpoint_control(0x1fff | 1 << 13 | 3 << 14 | 3 << 29), 0x1fffU | non_secure);
}

} // namespace
} // namespace trv::trap
