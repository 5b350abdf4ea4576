// SPDX-License-Identifier: Apache-2.0
// What keeps a vCPU from its CPU: caps, others, and its end.

#include "../vm/scheduler_fixture.hpp"
#include "lib/psci.hpp"

namespace trv::sched {
namespace {

using namespace vm;

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
    ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest::ram_base.value), 0U);
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
    const u64 guest_time = arch::fake_ticks - vm("alpha").clock().offset();
    const u64 stolen = vcpu("alpha").steal_time();
    ASSERT_TRUE(vm("alpha").pause());
    pass(0, second);
    EXPECT_EQ(vcpu("alpha").run_state(), RunState::Held);
    ASSERT_TRUE(vm("alpha").resume());
    EXPECT_EQ(enter(0), &vcpu("alpha"));
    EXPECT_EQ(arch::fake_ticks - vm("alpha").clock().offset(), guest_time);
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
    const auto told = vm("alpha").memory().stage2().lookup(vm("alpha").stolen_time().address_of(0) + 8);
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
    alpha.context().timer = {1, ~u64{0} - vm("alpha").clock().offset()};
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
} // namespace trv::sched
