#include "lib/psci.hpp"
#include "vm_machine.hpp"

namespace trv::vm {
namespace {

class SchedulerTest : public VmTest {
  public:
    Vcpu& vcpu(std::string_view label, unsigned index = 0) { return vm(label).vcpu(index); }
    /// What the vCPU ran from now on, while `duration` passes on its CPU.
    u64 run_time_over(u64 duration, Vcpu& of) {
        const u64 before = of.run_time();
        pass(of.home().index, duration);
        return of.run_time() - before;
    }
    /// Until the scheduler has chosen the vCPU.
    void make_current(Vcpu& wanted) {
        for (unsigned turn = 0; turn < 10 && cpus[0].scheduler.current() != &wanted; ++turn) {
            pass(0, 10 * millisecond);
        }
        ASSERT_EQ(cpus[0].scheduler.current(), &wanted);
    }
    [[nodiscard]] std::vector<std::pair<IntId, u64>>& sgis_of(unsigned cpu) { return interfaces[cpu].sent; }
};

/// A job that takes a millisecond a step.
struct SlowJob final : Job {
    explicit SlowJob(unsigned count) : left(count) {}
    bool step() override {
        arch::fake_ticks += millisecond;
        ++done;
        return --left != 0;
    }
    unsigned left;
    unsigned done = 0;
};

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
    for (unsigned i = 0; i < 2'000'000; ++i) { // whoever runs gives up after 50 ns, half of what a unit of virtual time costs
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
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest_ram_base.value), 0U);
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
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
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
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest_ram_base.value), 0U); // its virtual time is minutes old
    EXPECT_NEAR(static_cast<double>(run_time_over(3 * second, vcpu("beta"))), second, 0.05 * second);
}

TEST_F(SchedulerTest, AnInterruptPreemptsOneThatIsAhead) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
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

TEST_F(SchedulerTest, WakingAVcpuThatIsReadyOrOffDisturbsNobody) {
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
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
    const u64 wanted = arch::fake_ticks + 50 * millisecond;
    vcpu("beta").context().timer = {1, wanted - vm("beta").counter_offset()};
    wait_for_interrupt(0);
    ASSERT_EQ(cpus[0].scheduler.loaded(), &vcpu("alpha"));
    wait_for_interrupt(0);
    EXPECT_EQ(arch::fake_hyp_timer, wanted);
    arch::fake_ticks = wanted;
    take_timer(0);
    EXPECT_EQ(cpus[0].scheduler.current(), &vcpu("beta"));
}

TEST_F(SchedulerTest, ATimerThatNeverComesWakesNobody) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
    vcpu("beta").context().timer = {1, ~u64{0}};
    wait_for_interrupt(0);
    ASSERT_EQ(cpus[0].scheduler.loaded(), &vcpu("alpha"));
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(SchedulerTest, ATimerWhoseInterruptWasTakenWakesNobody) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
    vcpu("beta").context().timer = {1, 0};
    vm("beta").vgic().inject_hardware(0, IntId(guest_timer_virtual_intid)); // which its guest has not enabled
    wait_for_interrupt(0);
    ASSERT_EQ(vcpu("beta").run_state(), RunState::Blocked);
    EXPECT_EQ(cpus[0].scheduler.loaded(), &vcpu("alpha"));
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(SchedulerTest, AVcpuInTheQueueIsNotWoken) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
    vcpu("beta").context().timer = {1, arch::fake_ticks + second};
    make_current(vcpu("alpha"));
    ASSERT_EQ(vcpu("beta").run_state(), RunState::Ready);
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(SchedulerTest, OneThatWasJustChosenRunsForAWhile) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
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
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest_ram_base.value), 0U);
    make_current(vcpu("alpha", 1));
    wait_for_interrupt(0);
    ASSERT_EQ(cpus[0].scheduler.current(), &vcpu("alpha"));
    arch::fake_ticks += 10 * microsecond;
    vcpu("alpha", 1).wake();
    EXPECT_EQ(enter(0), &vcpu("alpha", 1));
}

TEST_F(SchedulerTest, OneThatWakesAgainAndAgainCostsTheOtherFewSwitches) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
    const u64 from = arch::fake_ticks;
    const unsigned loads = arch::fake_guest_cpu.loads;
    while (arch::fake_ticks < from + second) {
        if (cpus[0].scheduler.current() == &vcpu("beta")) {
            arch::fake_ticks += 2 * microsecond;
            vcpu("beta").context().timer = {1, arch::fake_ticks + microsecond - vm("beta").counter_offset()};
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
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest_ram_base.value), 0U);
    unsigned switches_between_siblings = 0;
    const unsigned before = arch::fake_local_invalidations;
    ASSERT_EQ(&cpus[0].scheduler.current()->vm(), &vm("alpha"));
    unsigned last = cpus[0].scheduler.current()->index();
    for (unsigned i = 0; i < 1000; ++i) {
        pass(0, millisecond);
        Vcpu& now = *cpus[0].scheduler.current();
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

// Jobs

TEST_F(SchedulerTest, AJobBesideAGuestGetsPartOfTheCpuAndTheGuestIsNotCharged) {
    describe_on(0, "alpha");
    boot_and_load();
    pass(0, 10 * millisecond);
    SlowJob job(1000);
    cpus[0].scheduler.add_job(job);
    const u64 steal_before = vcpu("alpha").steal_time();
    const u64 ran = run_time_over(300 * millisecond, vcpu("alpha"));
    EXPECT_NEAR(static_cast<double>(job.done), 100, 3);
    EXPECT_NEAR(static_cast<double>(ran), 200.0 * millisecond, 5.0 * millisecond);
    EXPECT_NEAR(static_cast<double>(vcpu("alpha").steal_time() - steal_before), 100.0 * millisecond, 5.0 * millisecond);
}

TEST_F(SchedulerTest, AGuestThatIsInterruptedOftenPaysNoMoreForAJob) {
    describe_on(0, "alpha");
    boot_and_load();
    SlowJob job(1000);
    cpus[0].scheduler.add_job(job);
    enter(0);
    const unsigned before = job.done;
    for (unsigned i = 0; i < 1000; ++i) {
        arch::fake_ticks += 10 * microsecond;
        cpus[0].scheduler.yield();
        enter(0);
    }
    EXPECT_LE(job.done - before, 6U) << "10 ms of the guest's time";
}

TEST_F(SchedulerTest, AJobIsPaidForByTheOneItIsFor) {
    for (const char* const label : {"a", "b", "c"}) {
        describe_on(0, label);
    }
    describe_on(0, "late", 2);
    boot_and_load();
    struct PaidJob final : Job {
        bool step() override { return work.step(); }
        Vcpu* payer() override { return who; }
        SlowJob work{101};
        Vcpu* who = nullptr;
    } job;
    job.who = &vcpu("late", 1);
    cpus[0].scheduler.add_job(job);
    pass(0, 400 * millisecond); // it gets a third of the CPU, four others share the rest
    ASSERT_EQ(job.work.done, 101U);
    make_current(vcpu("late"));
    ASSERT_EQ(call(vcpu("late"), psci::CpuOn64, 1, guest_ram_base.value), 0U);
    EXPECT_EQ(run_time_over(100 * millisecond, vcpu("late", 1)), 0U) << "it had more than its share before it ran";
    EXPECT_GT(run_time_over(400 * millisecond, vcpu("late", 1)), 0U) << "which is paid back now";
}

TEST_F(SchedulerTest, TheLastStepOfAJobIsPaidForToo) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    make_current(vcpu("beta"));
    wait_for_interrupt(0);
    struct Starter final : Job { // as a loader's last step
        bool step() override {
            arch::fake_ticks += 100 * millisecond;
            who->wake();
            return false;
        }
        Vcpu* payer() override { return who; }
        Vcpu* who = nullptr;
    } job;
    job.who = &vcpu("beta");
    pass(0, 10 * millisecond);
    cpus[0].scheduler.add_job(job);
    EXPECT_EQ(enter(0), &vcpu("alpha"));
    ASSERT_EQ(vcpu("beta").run_state(), RunState::Ready);
    EXPECT_EQ(run_time_over(80 * millisecond, vcpu("beta")), 0U);
    EXPECT_GT(run_time_over(80 * millisecond, vcpu("beta")), 0U);
}

TEST_F(SchedulerTest, ANewJobOnAnIdleCpuRunsToItsEnd) {
    boot();
    SlowJob job(20);
    cpus[0].scheduler.add_job(job);
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_EQ(job.done, 20U);
}

TEST_F(SchedulerTest, InterruptsAreTakenBetweenTheStepsOfAJob) {
    struct Watcher final : Job {
        explicit Watcher(arch::FakeCpuInterface& interface) : cpu(interface) {}
        bool step() override {
            if (++steps == 1) {
                cpu.waiting.push_back(attention_sgi);
            }
            waited = std::max(waited, cpu.waiting.empty() ? 0U : steps);
            return steps < 10;
        }
        arch::FakeCpuInterface& cpu;
        unsigned steps = 0;
        unsigned waited = 0;
    } job(interfaces[0]);
    boot();
    cpus[0].scheduler.add_job(job);
    enter(0);
    EXPECT_EQ(job.waited, 1U) << "it is gone by the second step";
}

// Caps

TEST_F(SchedulerTest, ACappedVmGetsItsCapAndNoMore) {
    describe_on(0, "alpha").cap = 40;
    boot_and_load();
    u64 before = vcpu("alpha").run_time();
    unsigned interruptions = 0;
    for (unsigned i = 0; i < 20; ++i) {
        interruptions += pass(0, 100 * millisecond);
    }
    const double ran = static_cast<double>(vcpu("alpha").run_time() - before);
    EXPECT_NEAR(ran, 0.4 * 2 * second, 0.05 * second);
    EXPECT_LT(interruptions, 20 * 12U);
}

TEST_F(SchedulerTest, TheCapIsForAllVcpusTogether) {
    machine::VmDescription& alpha = describe("alpha", 2);
    alpha.cap = 50;
    alpha.pinned = true;
    alpha.cpu = {0, 1};
    boot_and_load();
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest_ram_base.value), 0U);
    enter(1);
    const u64 before = vcpu("alpha").run_time() + vcpu("alpha", 1).run_time();
    for (unsigned i = 0; i < 2000; ++i) { // both CPUs at once, a millisecond at a time
        arch::fake_ticks += millisecond;
        for (unsigned cpu : {0U, 1U}) {
            take_timer(cpu);
        }
    }
    const double ran = static_cast<double>(vcpu("alpha").run_time() + vcpu("alpha", 1).run_time() - before);
    EXPECT_NEAR(ran, 0.5 * 2 * second, 0.06 * second);
}

TEST_F(SchedulerTest, SleepUnderACapDoesNotUseItUp) {
    describe_on(0, "alpha").cap = 10;
    boot_and_load();
    ASSERT_TRUE(arch::fake_wfi_trapped) << "a sleep in the real WFI would look like work";
    wait_for_interrupt(0);
    pass(0, second);
    const u64 before = vcpu("alpha").run_time();
    vcpu("alpha").wake();
    EXPECT_EQ(enter(0), &vcpu("alpha"));
    EXPECT_EQ(vcpu("alpha").run_time(), before);
}

TEST_F(SchedulerTest, WhatTheCapKeepsFromAVcpuIsStolenTime) {
    describe_on(0, "alpha").cap = 40;
    boot_and_load();
    const u64 before = vcpu("alpha").steal_time();
    pass(0, 2 * second);
    EXPECT_NEAR(static_cast<double>(vcpu("alpha").steal_time() - before), 0.6 * 2 * second, 0.05 * second);
}

TEST_F(SchedulerTest, TheEndOfACapsPeriodDoesNotInterruptAPause) {
    describe_on(0, "alpha").cap = 10;
    boot_and_load();
    for (unsigned turn = 0; turn < 100 && vcpu("alpha").run_state() != RunState::Held; ++turn) {
        pass(0, millisecond);
    }
    ASSERT_EQ(vcpu("alpha").run_state(), RunState::Held);
    const u64 guest_time = arch::fake_ticks - vm("alpha").counter_offset();
    const u64 stolen = vcpu("alpha").steal_time();
    ASSERT_TRUE(vm("alpha").pause());
    pass(0, second);
    EXPECT_EQ(vcpu("alpha").run_state(), RunState::Held);
    ASSERT_TRUE(vm("alpha").resume());
    EXPECT_EQ(enter(0), &vcpu("alpha"));
    EXPECT_EQ(arch::fake_ticks - vm("alpha").counter_offset(), guest_time);
    EXPECT_EQ(vcpu("alpha").steal_time(), stolen) << "a pause takes no time";
}

// Being taken off the CPU

TEST_F(SchedulerTest, StolenTimeGrowsOnlyWhileOthersRun) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    const u64 before = vcpu("alpha").steal_time();
    const u64 ran = run_time_over(second, vcpu("alpha"));
    EXPECT_NEAR(static_cast<double>(vcpu("alpha").steal_time() - before), static_cast<double>(second - ran),
                10.0 * millisecond);
}

TEST_F(SchedulerTest, StolenTimeBeginsAnewWithTheVm) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    pass(0, second);
    ASSERT_GT(vcpu("alpha").steal_time(), 400 * millisecond);
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    EXPECT_LT(vcpu("alpha").steal_time(), 100 * millisecond);
    const auto told = vm("alpha").stage2().lookup(StolenTime::address_of(0) + 8);
    EXPECT_LT(*reinterpret_cast<u64*>(memory::direct_map(told->pa)), 100 * millisecond);
}

TEST_F(SchedulerTest, StolenTimeNeverGoesBack) {
    describe_on(0, "alpha");
    arch::fake_ticks_per_look = 1; // time passes between a vCPU's becoming ready and the scheduler's choice, too
    boot_and_load();
    u64 last = vcpu("alpha").steal_time();
    EXPECT_LT(last, second);
    for (unsigned i = 0; i < 100; ++i) {
        SlowJob job(1);
        cpus[0].scheduler.add_job(job);
        wait_for_interrupt(0);
        vcpu("alpha").wake();
        enter(0);
        EXPECT_GE(vcpu("alpha").steal_time(), last);
        last = vcpu("alpha").steal_time();
    }
    EXPECT_LT(last, second);
}

TEST_F(SchedulerTest, NothingOfAStoppedVmStaysOnTheCpu) {
    describe_on(0, "alpha");
    boot_and_load();
    Vcpu& alpha = vcpu("alpha");
    alpha.context().timer = {1, ~u64{0} - vm("alpha").counter_offset()};
    EXPECT_NE(arch::fake_vttbr, 0U);
    vm("alpha").request_stop(StopReason::Destroyed);
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_EQ(cpus[0].scheduler.loaded(), nullptr);
    EXPECT_EQ(cpus[0].registers, nullptr);
    EXPECT_EQ(arch::fake_vttbr, 0U);
    EXPECT_FALSE(cpus[0].timers.next_deadline());
}

TEST_F(SchedulerTest, AStopThatComesWhileAVcpuIsBeingHeldIsNotLost) {
    describe_on(0, "alpha");
    boot_and_load();
    ASSERT_TRUE(vm("alpha").pause());
    arch::fake_guest_cpu.on_save = [this] { // another CPU, after this one has seen the pause
        arch::fake_guest_cpu.on_save = nullptr;
        vm("alpha").request_stop(StopReason::Destroyed);
    };
    enter(0);
    EXPECT_EQ(find("alpha"), nullptr);
}

} // namespace
} // namespace trv::vm
