// SPDX-License-Identifier: Apache-2.0
#include "register_accesses.hpp"
#include "vm/pmu.hpp"

namespace trv::trap {
namespace {

using namespace vm;
using namespace arch;

constexpr u32 cycle_bit = PmuRegisters::cycle_bit;

// On the host, a CPU has six event counters.
class PmuRegisterTest : public RegisterAccesses {
  public:
    PmuRegisterTest() {
        fake_guest_cpu.pmu = {};
        fake_guest_cpu.counts = false;
    }

    u64 read(u32 op1, u32 crn, u32 crm, u32 op2) { return read_value(3, op1, crn, crm, op2); }
    void write(u32 op1, u32 crn, u32 crm, u32 op2, u64 value) { write_value(3, op1, crn, crm, op2, value); }
    void write_pmcr(u64 value) { write(3, 9, 12, 0, value); }
    u64 read_pmcr() { return read(3, 9, 12, 0); }
    void enable(u32 counters) { write(3, 9, 12, 1, counters); }
    void interrupt(u32 counters) { write(0, 9, 14, 1, counters); }
};

TEST_F(PmuRegisterTest, SaysWhatTheCpuHas) {
    EXPECT_EQ(read_pmcr(), 0x4101'0000U | 6 << 11);
    EXPECT_EQ(read(3, 9, 12, 6), 0x7fff'0f3fU) << "PMCEID0_EL0";
    write_pmcr(~u64{0});
    EXPECT_EQ(read_pmcr(), 0x4101'0000U | 6 << 11 | pmcr::kept) << "neither resets nor exports";
}

TEST_F(PmuRegisterTest, SetsAndClears) {
    enable(~u32{0});
    EXPECT_EQ(read(3, 9, 12, 1), 0x3fU | cycle_bit) << "the counters that there are";
    write(3, 9, 12, 2, 0x3);
    EXPECT_EQ(read(3, 9, 12, 2), 0x3cU | cycle_bit);
    interrupt(0x11);
    write(0, 9, 14, 2, 0x10);
    EXPECT_EQ(read(0, 9, 14, 1), 1U);
    write(3, 9, 14, 3, 0x7);
    write(3, 9, 12, 3, 0x4);
    EXPECT_EQ(read(3, 9, 14, 3), 3U) << "PMOVSSET_EL0";
}

TEST_F(PmuRegisterTest, CountersByNumberAndBySelection) {
    write(3, 14, 8, 5, 0x1'0000'0007); // PMEVCNTR5_EL0
    EXPECT_EQ(read(3, 14, 8, 5), 7U) << "32 bits";
    write(3, 9, 12, 5, 5); // PMSELR_EL0
    EXPECT_EQ(read(3, 9, 13, 2), 7U);
    write(3, 9, 13, 1, 0xffff'ffff); // PMXEVTYPER_EL0
    EXPECT_EQ(read(3, 14, 12, 5), 0xf000'ffffU) << "PMEVTYPER5_EL0 counts nothing in EL2, EL3 or another thread";
    write(3, 9, 12, 5, 31);
    write(3, 9, 13, 1, 0xffff'ffff);
    EXPECT_EQ(read(3, 14, 15, 7), 0xf000'0000U) << "PMCCFILTR_EL0";
    write(3, 9, 13, 0, 0x1'2345'6789);
    EXPECT_EQ(read(3, 9, 13, 0), 0x1'2345'6789U) << "PMCCNTR_EL0";
    write(3, 14, 8, 6, 9); // a counter too many
    EXPECT_TRUE(went_on());
    EXPECT_EQ(read(3, 14, 8, 6), 0U);
    write_pmcr(pmcr::P | pmcr::C);
    EXPECT_EQ(read(3, 14, 8, 5), 0U);
    EXPECT_EQ(read(3, 9, 13, 0), 0U);
}

TEST_F(PmuRegisterTest, ReachTheCpuOnlyInUse) {
    enable(1);
    EXPECT_FALSE(fake_guest_cpu.counts);
    write_pmcr(pmcr::E);
    EXPECT_TRUE(fake_guest_cpu.counts);
    fake_guest_cpu.pmu.counters[0] = 1234;
    EXPECT_EQ(read(3, 14, 8, 0), 1234U) << "as the hardware has it";
    EXPECT_TRUE(fake_guest_cpu.counts);
    write_pmcr(0);
    EXPECT_FALSE(fake_guest_cpu.counts);
    EXPECT_EQ(read(3, 14, 8, 0), 1234U);
    write(3, 9, 14, 0, 1); // PMUSERENR_EL0
    EXPECT_TRUE(fake_guest_cpu.counts) << "EL0 reads them, though they stand still";
}

TEST_F(PmuRegisterTest, AnOverflowAssertsTheInterruptUntilTheGuestClearsIt) {
    enable(1 | cycle_bit);
    interrupt(1 | cycle_bit);
    write_pmcr(pmcr::E);
    EXPECT_EQ(fake_guest_cpu.pmu_interrupts, 1 | cycle_bit);
    fake_guest_cpu.pmu.overflowed = cycle_bit;
    {
        const PausedPmu paused(*vcpu);
    } // the interrupt's handler
    EXPECT_TRUE(vcpu->context().pmu.is_asserted());
    EXPECT_EQ(fake_guest_cpu.pmu_interrupts, 1U) << "the guest knows of the other one";
    write(3, 9, 12, 3, cycle_bit);
    EXPECT_FALSE(vcpu->context().pmu.is_asserted());
    EXPECT_EQ(fake_guest_cpu.pmu_interrupts, 1 | cycle_bit);
}

TEST_F(PmuRegisterTest, SoftwareIncrements) {
    write(3, 14, 8, 2, 0xffff'ffff);
    enable(0x4);
    write(3, 9, 12, 4, 0x4); // PMSWINC_EL0
    EXPECT_EQ(read(3, 14, 8, 2), 0xffff'ffffU) << "nothing counts";
    write_pmcr(pmcr::E);
    write(3, 9, 12, 4, 0x5);
    EXPECT_EQ(read(3, 14, 8, 2), 0U);
    EXPECT_EQ(read(3, 14, 8, 0), 0U) << "is not enabled";
    EXPECT_EQ(read(3, 9, 14, 3), 0x4U);
    write(3, 14, 12, 2, u64{1} << 31); // not at EL1
    write(3, 9, 12, 4, 0x4);
    EXPECT_EQ(read(3, 14, 8, 2), 0U);
}

TEST_F(PmuRegisterTest, OthersAreUndefined) {
    (void)read(0, 9, 9, 0); // PMSCR_EL1, statistical profiling
    EXPECT_TRUE(is_undefined());
    (void)read(3, 9, 12, 4); // PMSWINC_EL0 is write-only
    EXPECT_TRUE(is_undefined());
    write(3, 9, 12, 6, 1); // PMCEID0_EL0 is read-only
    EXPECT_TRUE(is_undefined());
}

TEST_F(PmuRegisterTest, AResetTurnsThemOff) {
    enable(1);
    write_pmcr(pmcr::E);
    reset_pmu(*vcpu);
    EXPECT_FALSE(fake_guest_cpu.counts);
    EXPECT_EQ(read_pmcr() & pmcr::kept, 0U);
}

} // namespace
} // namespace trv::trap
