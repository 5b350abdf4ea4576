// SPDX-License-Identifier: Apache-2.0
#include "arch/registers/id_registers.hpp"
#include "lib/psci.hpp"
#include "register_accesses.hpp"

namespace trv::trap {
namespace {

using namespace vm;

using namespace arch;

class SystemRegisterTest : public RegisterAccesses {};

TEST_F(SystemRegisterTest, IdentificationIsTheSanitizedOne) {
    fake_id_register = ~u64{0};
    read(3, 0, 0, 4, 0);
    fake_id_register = 0;
    EXPECT_TRUE(went_on());
    EXPECT_EQ(x(7), sanitize_id_register(system_register(3, 0, 0, 4, 0), ~u64{0}));
    EXPECT_NE(x(7), ~u64{0});
}

TEST_F(SystemRegisterTest, IdentificationCannotBeWritten) {
    write(3, 0, 0, 4, 0);
    EXPECT_TRUE(is_undefined());
}

TEST_F(SystemRegisterTest, TheCoresControlsAreNotTheGuests) {
    x(7) = 5;
    read(3, 0, 1, 0, 1); // ACTLR_EL1
    EXPECT_EQ(x(7), 0U);
    write(3, 0, 1, 0, 1);
    EXPECT_TRUE(went_on());
}

TEST_F(SystemRegisterTest, ThereIsOnlyTheSystemRegisterInterfaceToTheGic) {
    write(3, 0, 12, 12, 5); // ICC_SRE_EL1
    EXPECT_TRUE(went_on());
    read(3, 0, 12, 12, 5);
    EXPECT_EQ(x(7), 7U);
}

TEST_F(SystemRegisterTest, SgiRegistersAreWriteOnly) {
    for (const u32 op2 : {5U, 6U, 7U}) {
        x(7) = 0;
        write(3, 0, 12, 11, op2);
        EXPECT_TRUE(went_on()) << op2;
        read(3, 0, 12, 11, op2);
        EXPECT_TRUE(is_undefined()) << op2;
    }
}

TEST_F(SystemRegisterTest, UnclaimedRegistersAreUndefined) {
    read(3, 0, 5, 3, 0); // ERRIDR_EL1: no error records
    EXPECT_TRUE(is_undefined());
    read(3, 0, 10, 4, 3); // LORC_EL1
    EXPECT_TRUE(is_undefined());
    write(3, 7, 15, 15, 7, 31); // implementation defined
    EXPECT_TRUE(is_undefined());
    EXPECT_FALSE(alpha->stop().is_made());
}

TEST_F(SystemRegisterTest, Register31IsZero) {
    read(3, 0, 12, 12, 5, 31);
    EXPECT_TRUE(went_on());
    const u64 pstate = vcpu->registers().pstate;
    write(3, 3, 14, 2, 2, 31); // CNTP_CVAL_EL0 = XZR
    EXPECT_EQ(vcpu->physical_timer.compare, 0U);
    EXPECT_EQ(vcpu->registers().pstate, pstate);
}

TEST_F(SystemRegisterTest, EveryEncodingIsAnsweredOrUndefined) {
    for (u64 iss = 0; iss < 1 << 22; iss += 2) { // all registers, both directions, a few general ones
        SystemRegisterTrap each{iss | (iss >> 5 & 1)};
        vcpu->registers().pc = guest_pc;
        vcpu->registers().pstate = spsr::El1h;
        handle_system_register(*vcpu, each);
        ASSERT_TRUE(went_on() || is_undefined()) << iss;
    }
    EXPECT_FALSE(alpha->stop().is_made());
}

// The EL1 physical timer

class PhysicalTimerTest : public SystemRegisterTest {
  public:
    void set(u32 op2, u64 value) {
        x(7) = value;
        write(3, 3, 14, 2, op2);
    }
    u64 get(u32 op2) {
        read(3, 3, 14, 2, op2);
        return x(7);
    }
    static constexpr u32 tval = 0, ctl = 1, cval = 2;
    static constexpr u64 enable = 1, mask = 2, status = 4;
};

TEST_F(PhysicalTimerTest, CountsDownInItsTimerValue) {
    set(tval, 1000);
    EXPECT_EQ(get(cval), fake_ticks + 1000);
    fake_ticks += 400;
    EXPECT_EQ(get(tval), 600U);
    fake_ticks += 1000;
    EXPECT_EQ(get(tval), 0xffff'fe70U) << "-400 in 32 bits";
}

TEST_F(PhysicalTimerTest, TakesANegativeTimerValueForThePast) {
    set(tval, 0xffff'ffff);
    EXPECT_EQ(get(cval), fake_ticks - 1);
    set(tval, 0x1234'5678'0000'0001);
    EXPECT_EQ(get(cval), fake_ticks + 1) << "only 32 bits count";
}

TEST_F(PhysicalTimerTest, TellsItsStatusOnlyWhileEnabled) {
    set(cval, fake_ticks + 100);
    set(ctl, enable | status | 0xf0);
    EXPECT_EQ(get(ctl), enable) << "the status and what is reserved cannot be written";
    fake_ticks += 100;
    EXPECT_EQ(get(ctl), enable | status);
    set(ctl, enable | mask);
    EXPECT_EQ(get(ctl), enable | mask | status);
    set(ctl, 0);
    EXPECT_EQ(get(ctl), 0U);
}

TEST_F(PhysicalTimerTest, AsksEl2sTimerForItsDeadline) {
    const u64 deadline = fake_ticks + 5 * millisecond;
    set(cval, deadline);
    set(ctl, enable);
    EXPECT_EQ(cpus[0].timers.next_deadline(), deadline);
    EXPECT_TRUE(attention(0)) << "the hardware's timer is programmed on the way back";
    set(ctl, enable | mask);
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(PhysicalTimerTest, WakesItsVcpu) {
    constexpr u64 gicr = 0x080A'0000 + 0x1'0000;
    const auto write_gic = [](u64 base, vdev::MmioDevice& frame, u64 address, u32 value) {
        EXPECT_EQ(frame.write({address - base, 4, 0}, value), vdev::MmioOutcome::Done);
    };
    write_gic(guest::gicd_base.value, alpha->vgic().distributor(), guest::gicd_base.value, 3); // both groups on
    write_gic(guest::gicr_base.value, alpha->vgic().redistributors(), gicr + 0x80, ~u32{0});   // group 1
    write_gic(guest::gicr_base.value, alpha->vgic().redistributors(), gicr + 0x100, u32{1} << 30);
    virtual_interfaces[0].open();
    set(cval, fake_ticks + millisecond);
    set(ctl, enable);
    wait_for_interrupt(0);
    ASSERT_EQ(vcpu->run_state(), sched::RunState::Blocked);
    ASSERT_EQ(arch::fake_hyp_timer, fake_ticks + millisecond);
    fake_ticks += millisecond;
    take_timer(0);
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Running);
    EXPECT_EQ(virtual_interfaces[0].acknowledge(), 30U);
}

TEST_F(PhysicalTimerTest, IsOffAfterItsVcpuWasSwitchedOff) {
    ASSERT_EQ(call(*vcpu, psci::CpuOn64, 1, guest::ram_base.value), 0U);
    set(cval, fake_ticks + second);
    set(ctl, enable);
    issue(*vcpu, psci::CpuOff);
    EXPECT_EQ(vcpu->physical_timer.control, 0U);
    EXPECT_FALSE(vcpu->physical_timer.timer.armed());
}

} // namespace
} // namespace trv::trap
