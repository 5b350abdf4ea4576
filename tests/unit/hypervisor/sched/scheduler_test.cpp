// SPDX-License-Identifier: Apache-2.0
// Who runs, and who is woken.

#include "../vm/scheduler_fixture.hpp"
#include "lib/psci.hpp"

namespace trv::sched {
namespace {

using namespace vm;

TEST_F(SchedulerTest, SharesFollowTheWeights) {
    describe_on(0, "light").weight = 100;
    describe_on(0, "heavy").weight = 300;
    boot_and_load();
    const u64 heavy_before = vcpu("heavy").run_time();
    const u64 light = run_time_over(10 * second, vcpu("light"));
    const u64 heavy = vcpu("heavy").run_time() - heavy_before;
    EXPECT_NEAR(static_cast<double>(heavy) / static_cast<double>(light), 3.0, 0.05);
    EXPECT_EQ(light + heavy, 10 * second) << "no time is lost between them";
}

TEST_F(SchedulerTest, ShortRunsOfAHeavyVmAreNotFree) {
    describe_on(0, "heavy").weight = 10'000;
    describe_on(0, "light").weight = 100;
    boot_and_load();
    const u64 light_before = vcpu("light").run_time();
    const u64 heavy_before = vcpu("heavy").run_time();
    for (unsigned i = 0; i < 2'000'000;
         ++i) { // each vCPU yields after 50 ns, half of what a unit of virtual time costs
        arch::fake_ticks += 50;
        cpus[0].scheduler.yield();
        enter(0);
    }
    const auto light = static_cast<double>(vcpu("light").run_time() - light_before);
    const auto heavy = static_cast<double>(vcpu("heavy").run_time() - heavy_before);
    EXPECT_NEAR(heavy / light, 100.0, 5.0);
}

TEST_F(SchedulerTest, TwoOfOneVmTakeTurnsInBoundedSlices) {
    describe_on(0, "alpha", 2);
    boot_and_load();
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest::ram_base.value), 0U);
    enter(0);
    ASSERT_TRUE(arch::fake_hyp_timer);
    EXPECT_LE(*arch::fake_hyp_timer, arch::fake_ticks + 10 * millisecond);
    EXPECT_NEAR(pass(0, second), 100U, 2U);
}

TEST_F(SchedulerTest, AVcpuThatIsAloneIsLeftAlone) {
    describe_on(0, "alpha");
    boot_and_load();
    EXPECT_EQ(pass(0, 10 * second), 0U);
    EXPECT_FALSE(arch::fake_wfi_trapped);
}

TEST_F(SchedulerTest, WfiComesToEl2OnlyWhenSomebodyElseCouldRun) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    EXPECT_TRUE(arch::fake_wfi_trapped);
    wait_for_interrupt(0);
    EXPECT_FALSE(arch::fake_wfi_trapped) << "the other one is asleep";
}

TEST_F(SchedulerTest, OneThatRanAloneForLongIsNotStarvedByOneThatWakes) {
    boot_with_current_beta();
    wait_for_interrupt(0);
    ASSERT_EQ(vcpu("beta").run_state(), RunState::Blocked);
    pass(0, 3600 * second);
    vcpu("beta").wake();
    const u64 alpha = run_time_over(second, vcpu("alpha"));
    EXPECT_NEAR(static_cast<double>(alpha), 0.5 * second, 0.02 * second);
}

TEST_F(SchedulerTest, OneThatSleptForLongDoesNotStarveOthers) {
    describe_on(0, "alpha", 2);
    describe_on(0, "beta");
    boot_and_load();
    pass(0, 100 * second);
    make_current(vcpu("alpha"));
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest::ram_base.value), 0U); // its virtual time is minutes old
    EXPECT_NEAR(static_cast<double>(run_time_over(3 * second, vcpu("beta"))), second, 0.05 * second);
}

TEST_F(SchedulerTest, AnInterruptPreemptsOneThatIsAhead) {
    boot_with_current_beta();
    wait_for_interrupt(0);
    pass(0, 5 * millisecond);
    ASSERT_EQ(cpus[0].scheduler.current(), &vcpu("alpha"));
    vcpu("beta").wake();
    EXPECT_TRUE(attention(0));
    EXPECT_EQ(enter(0), &vcpu("beta")) << "at once, not after alpha's slice";
}

TEST_F(SchedulerTest, AWakeBeforeBlockingIsNotLost) {
    describe_on(0, "alpha");
    boot_and_load();
    Vcpu& alpha = vcpu("alpha");
    play(0);
    alpha.clear_wake();
    play(1);
    alpha.wake(); // the other CPU's interrupt comes between the vCPU's look at its interrupts and its sleep
    play(0);
    cpus[0].scheduler.block();
    EXPECT_EQ(alpha.run_state(), RunState::Running);
    alpha.clear_wake();
    cpus[0].scheduler.block();
    EXPECT_EQ(alpha.run_state(), RunState::Blocked);
}

TEST_F(SchedulerTest, AnotherCpuIsInterruptedOnceUntilItLooks) {
    describe_on(1, "alpha");
    boot_and_load();
    sgis_of(0).clear();
    play(0);
    vcpu("alpha").wake();
    vcpu("alpha").wake();
    ASSERT_EQ(sgis_of(0).size(), 1U);
    EXPECT_EQ(sgis_of(0)[0], (std::pair{attention_sgi, u64{1}}));
    enter(1);
    play(0);
    vcpu("alpha").wake();
    EXPECT_EQ(sgis_of(0).size(), 2U);
}

TEST_F(SchedulerTest, WakingAVcpuThatIsReadyOrOffHasNoEffect) {
    describe_on(1, "alpha", 2);
    boot_and_load();
    sgis_of(0).clear();
    play(0);
    vcpu("alpha", 1).wake();
    EXPECT_TRUE(sgis_of(0).empty());
    EXPECT_EQ(vcpu("alpha", 1).run_state(), RunState::Off);
}

TEST_F(SchedulerTest, WfeOffersTheCpu) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    Vcpu* const first = enter(0);
    arch::fake_ticks += millisecond;
    const u64 pc = first->registers().pc;
    EXPECT_NE(leave_guest(0, arch::ExitKind::Sync, u64{1} << 26 | u64{1} << 25 | 1), first);
    EXPECT_EQ(first->registers().pc, pc + 4);
    EXPECT_EQ(first->run_state(), RunState::Ready);
}

TEST_F(SchedulerTest, AShortInstructionIsSteppedOverAsSuch) {
    describe_on(0, "alpha");
    boot_and_load();
    Vcpu& alpha = vcpu("alpha");
    const u64 pc = alpha.registers().pc;
    leave_guest(0, arch::ExitKind::Sync, u64{1} << 26 | 1); // a T32 WFE of a 32-bit application
    EXPECT_EQ(alpha.registers().pc, pc + 2);
}

TEST_F(SchedulerTest, SleepEndsWhenTheVirtualTimerOfAnUnloadedVcpuIsDue) {
    boot_with_current_beta();
    const u64 wanted = arch::fake_ticks + 50 * millisecond;
    vcpu("beta").context().timer = {1, wanted - vm("beta").clock().offset()};
    wait_for_interrupt(0);
    ASSERT_EQ(cpus[0].scheduler.loaded(), &vcpu("alpha"));
    wait_for_interrupt(0);
    EXPECT_EQ(arch::fake_hyp_timer, wanted);
    arch::fake_ticks = wanted;
    take_timer(0);
    EXPECT_EQ(cpus[0].scheduler.current(), &vcpu("beta"));
}

TEST_F(SchedulerTest, ATimerThatNeverComesWakesNoVcpu) {
    boot_with_current_beta();
    vcpu("beta").context().timer = {1, ~u64{0}};
    wait_for_interrupt(0);
    ASSERT_EQ(cpus[0].scheduler.loaded(), &vcpu("alpha"));
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(SchedulerTest, ATimerWhoseInterruptWasTakenWakesNoVcpu) {
    boot_with_current_beta();
    vcpu("beta").context().timer = {1, 0};
    vm("beta").vgic().inject_hardware(0, IntId(guest::timer_virtual_intid)); // which its guest has not enabled
    wait_for_interrupt(0);
    ASSERT_EQ(vcpu("beta").run_state(), RunState::Blocked);
    EXPECT_EQ(cpus[0].scheduler.loaded(), &vcpu("alpha"));
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(SchedulerTest, AVcpuInTheQueueIsNotWoken) {
    boot_with_current_beta();
    vcpu("beta").context().timer = {1, arch::fake_ticks + second};
    make_current(vcpu("alpha"));
    ASSERT_EQ(vcpu("beta").run_state(), RunState::Ready);
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(SchedulerTest, OneThatWasJustChosenRunsForAWhile) {
    boot_with_current_beta();
    wait_for_interrupt(0);
    ASSERT_EQ(cpus[0].scheduler.current(), &vcpu("alpha"));
    const u64 chosen = arch::fake_ticks;
    arch::fake_ticks += 10 * microsecond;
    vcpu("beta").wake();
    EXPECT_EQ(enter(0), &vcpu("alpha"));
    ASSERT_EQ(arch::fake_hyp_timer, chosen + 200 * microsecond);
    arch::fake_ticks = *arch::fake_hyp_timer;
    take_timer(0);
    EXPECT_EQ(cpus[0].scheduler.current(), &vcpu("beta"));
}

TEST_F(SchedulerTest, OneOfTheSameVmThatWakesGoesFirstAtOnce) {
    describe_on(0, "alpha", 2);
    boot_and_load();
    pass(0, 10 * millisecond);
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest::ram_base.value), 0U);
    make_current(vcpu("alpha", 1));
    wait_for_interrupt(0);
    ASSERT_EQ(cpus[0].scheduler.current(), &vcpu("alpha"));
    arch::fake_ticks += 10 * microsecond;
    vcpu("alpha", 1).wake();
    EXPECT_EQ(enter(0), &vcpu("alpha", 1));
}

TEST_F(SchedulerTest, OneThatWakesAgainAndAgainCostsTheOtherFewSwitches) {
    boot_with_current_beta();
    const u64 from = arch::fake_ticks;
    const unsigned loads = arch::fake_guest_cpu.loads;
    while (arch::fake_ticks < from + second) {
        if (cpus[0].scheduler.current() == &vcpu("beta")) {
            arch::fake_ticks += 2 * microsecond;
            vcpu("beta").context().timer = {1, arch::fake_ticks + microsecond - vm("beta").clock().offset()};
            wait_for_interrupt(0);
        } else {
            arch::fake_ticks = *arch::fake_hyp_timer;
            take_timer(0);
        }
    }
    EXPECT_LE(arch::fake_guest_cpu.loads - loads, 2 * 5'000U) << "there and back every 200 us";
}

TEST_F(SchedulerTest, WakingTheVcpuThatIsStillLoadedCostsNoSwitch) {
    describe_on(0, "alpha");
    boot_and_load();
    wait_for_interrupt(0);
    const unsigned loads = arch::fake_guest_cpu.loads;
    vcpu("alpha").wake();
    EXPECT_EQ(enter(0), &vcpu("alpha"));
    EXPECT_EQ(arch::fake_guest_cpu.loads, loads);
}

TEST_F(SchedulerTest, SiblingsDoNotUseEachOthersTranslations) {
    describe_on(0, "alpha", 2);
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("alpha"));
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest::ram_base.value), 0U);
    unsigned switches_between_siblings = 0;
    const unsigned before = arch::fake_local_invalidations;
    ASSERT_EQ(&current_vcpu(cpus[0])->vm(), &vm("alpha"));
    unsigned last = cpus[0].scheduler.current()->index();
    for (unsigned i = 0; i < 1000; ++i) {
        pass(0, millisecond);
        Vcpu& now = *current_vcpu(cpus[0]);
        if (&now.vm() == &vm("alpha") && now.index() != last) {
            ++switches_between_siblings;
            last = now.index();
        }
    }
    EXPECT_GT(switches_between_siblings, 20U);
    EXPECT_EQ(arch::fake_local_invalidations - before, switches_between_siblings);
}

TEST_F(SchedulerTest, IdleTimeIsCounted) {
    describe_on(0, "alpha");
    boot_and_load();
    const u64 before = cpus[0].scheduler.idle_time();
    arch::fake_idle = [this] {
        arch::fake_ticks += 7 * millisecond;
        vcpu("alpha").wake();
    };
    wait_for_interrupt(0);
    EXPECT_EQ(cpus[0].scheduler.idle_time() - before, 7 * millisecond);
}

} // namespace
} // namespace trv::sched
