// SPDX-License-Identifier: Apache-2.0
// Work of the hypervisor's beside guests, and who pays for it.

#include "../vm/scheduler_fixture.hpp"
#include "lib/psci.hpp"

namespace trv::sched {
namespace {

using namespace vm;

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
    ASSERT_EQ(call(vcpu("late"), psci::CpuOn64, 1, guest::ram_base.value), 0U);
    EXPECT_EQ(run_time_over(100 * millisecond, vcpu("late", 1)), 0U) << "it had more than its share before it ran";
    EXPECT_GT(run_time_over(400 * millisecond, vcpu("late", 1)), 0U) << "which is paid back now";
}

/// As the end of a VM: its payer never runs again.
struct FinalJob final : Job {
    explicit FinalJob(Vcpu& who) : vcpu(who) {}
    bool step() override { return work.step(); }
    Vcpu* payer() override { return &vcpu; }
    [[nodiscard]] bool takes_turns() const override { return true; }
    Vcpu& vcpu;
    SlowJob work{1000};
};

TEST_F(SchedulerTest, AJobWhosePayerNeverRunsAgainTakesThePayersShareAndNoMore) {
    describe_on(0, "a");
    describe_on(0, "b");
    describe_on(0, "ending", 2).weight = 25;
    boot_and_load();
    make_current(vcpu("ending"));
    wait_for_interrupt(0);
    FinalJob job(vcpu("ending", 1));
    cpus[0].scheduler.add_job(job);
    pass(0, 450 * millisecond);
    // 25 parts of 225. A job that does not take turns gets a third.
    EXPECT_NEAR(static_cast<double>(job.work.done), 50, 10);
}

TEST_F(SchedulerTest, AJobThatTakesTurnsDoesNotWaitOnAnIdleCpu) {
    describe_on(0, "ending").weight = 25;
    boot_and_load();
    wait_for_interrupt(0);
    FinalJob job(vcpu("ending"));
    job.work.left = 20;
    cpus[0].scheduler.add_job(job);
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_EQ(job.work.done, 20U);
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
        explicit Watcher(irqchip::FakeCpuInterface& interface) : cpu(interface) {}
        bool step() override {
            if (++steps == 1) {
                cpu.waiting.push_back(attention_sgi);
            }
            waited = std::max(waited, cpu.waiting.empty() ? 0U : steps);
            return steps < 10;
        }
        irqchip::FakeCpuInterface& cpu;
        unsigned steps = 0;
        unsigned waited = 0;
    } job(interfaces[0]);
    boot();
    cpus[0].scheduler.add_job(job);
    enter(0);
    EXPECT_EQ(job.waited, 1U) << "it is gone by the second step";
}

} // namespace
} // namespace trv::sched
