// SPDX-License-Identifier: Apache-2.0
// Requests that meet a vCPU at the worst moment: on its way to sleep, while it is held, or behind another request.

#include "lib/psci.hpp"
#include "scheduler_fixture.hpp"

#include <gmock/gmock.h>

namespace trv::vm {
namespace {

using testing::HasSubstr;

class StopRace : public SchedulerTest {
  public:
    /// alpha and beta share CPU 0, so that WFI traps there; alpha runs.
    void boot_with_current_alpha() {
        describe_on(0, "alpha");
        describe_on(0, "beta");
        boot_and_load();
        make_current(vcpu("alpha"));
        ASSERT_TRUE(arch::fake_wfi_trapped);
    }
    /// The same, and alpha has a second vCPU, which runs on CPU 1.
    void boot_with_two_vcpus() {
        machine::VmDescription& alpha = describe("alpha", 2);
        alpha.pinned = true;
        alpha.cpu = {0, 1};
        describe_on(0, "beta");
        boot_and_load();
        make_current(vcpu("alpha"));
        ASSERT_EQ(call(vcpu("alpha"), psci::CpuOn64, 1, guest::ram_base.value), 0U);
        ASSERT_EQ(enter(1), &vcpu("alpha", 1));
        make_current(vcpu("alpha"));
    }
    void request_on(unsigned cpu, StopReason reason) {
        play(cpu);
        vm("alpha").request_stop(reason);
    }
    /// Both CPUs, for a second, in which nothing wakes alpha.
    void let_a_second_pass() {
        for (unsigned i = 0; i < 100; ++i) {
            pass(0, 10 * millisecond);
            enter(1);
        }
    }
    [[nodiscard]] static int state_of(Vcpu& vcpu) { return static_cast<int>(vcpu.run_state()); }
};

// In each of these, CPU 1 makes the request after CPU 0 has taken the exception for alpha's WFI, but before alpha's
// wake-up flag is cleared there: the wake-up that comes with the request is overwritten.

TEST_F(StopRace, AStopThatMeetsAVcpuOnItsWayToSleepEndsTheVm) {
    boot_with_current_alpha();
    request_on(1, StopReason::Destroyed);
    wait_for_interrupt(0);
    let_a_second_pass();
    EXPECT_EQ(find("alpha"), nullptr) << "its vCPU is in state " << state_of(vcpu("alpha"));
}

TEST_F(StopRace, AStopThatMeetsCpuSuspendEndsTheVm) {
    boot_with_current_alpha();
    request_on(1, StopReason::Destroyed);
    issue(vcpu("alpha"), psci::CpuSuspend64);
    let_a_second_pass();
    EXPECT_EQ(find("alpha"), nullptr);
}

TEST_F(StopRace, AResetByAnotherVcpuThatMeetsAVcpuOnItsWayToSleepStartsTheVmOver) {
    boot_with_two_vcpus();
    const u64 began = vm("alpha").clock().offset();
    issue(vcpu("alpha", 1), psci::SystemReset);
    wait_for_interrupt(0);
    let_a_second_pass();
    EXPECT_FALSE(vm("alpha").stop().is_made());
    EXPECT_GT(vm("alpha").clock().offset(), began);
}

TEST_F(StopRace, APauseThatMeetsAVcpuOnItsWayToSleepHoldsIt) {
    boot_with_current_alpha();
    play(1);
    ASSERT_TRUE(vm("alpha").pause());
    wait_for_interrupt(0);
    enter(0);
    EXPECT_EQ(vcpu("alpha").run_state(), sched::RunState::Held);
    ASSERT_TRUE(vm("alpha").resume());
    make_current(vcpu("alpha"));
}

TEST_F(StopRace, AStopThatComesWhileTheCapHoldsAVcpuDoesNotWaitForThePeriodsEnd) {
    describe_on(0, "alpha").cap = 10;
    boot_and_load();
    arch::fake_guest_cpu.on_save = [this] { // another CPU, after this one has seen the cap used up
        arch::fake_guest_cpu.on_save = nullptr;
        vm("alpha").request_stop(StopReason::Destroyed);
    };
    for (unsigned turn = 0; turn < 100 && arch::fake_guest_cpu.on_save; ++turn) {
        pass(0, millisecond);
    }
    ASSERT_FALSE(arch::fake_guest_cpu.on_save) << "the cap is never used up";
    EXPECT_EQ(find("alpha"), nullptr);
}

// Several requests

TEST_F(StopRace, TheMostFinalReasonDecides) {
    boot_with_current_alpha();
    constexpr std::array<std::array<StopReason, 3>, 10> cases = {{
        // first, second, what counts
        {StopReason::Reboot, StopReason::Reset, StopReason::Reset},
        {StopReason::Reboot, StopReason::Off, StopReason::Off},
        {StopReason::Reboot, StopReason::Destroyed, StopReason::Destroyed},
        {StopReason::Reset, StopReason::Reboot, StopReason::Reset},
        {StopReason::Reset, StopReason::Crash, StopReason::Crash},
        {StopReason::Off, StopReason::Crash, StopReason::Off},
        {StopReason::Crash, StopReason::Off, StopReason::Crash},
        {StopReason::Crash, StopReason::Destroyed, StopReason::Destroyed},
        {StopReason::Destroyed, StopReason::Reset, StopReason::Destroyed},
        {StopReason::Destroyed, StopReason::Crash, StopReason::Destroyed},
    }};
    for (const auto& [first, second, counts] : cases) {
        request_on(1, first);
        request_on(1, second);
        EXPECT_EQ(vm("alpha").stop().reason(), counts) << name_of(first) << ", then " << name_of(second);
        ASSERT_TRUE(vm("alpha").stop().end(counts));
    }
}

TEST_F(StopRace, ADestroyThatComesBehindARebootEndsTheVm) {
    boot_with_two_vcpus();
    (void)events();
    issue(vcpu("alpha", 1), psci::SystemReset); // vCPU 0 still runs
    ASSERT_TRUE(vm("alpha").stop().is_made());
    request_on(1, StopReason::Destroyed);
    let_a_second_pass();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_THAT(events(), HasSubstr("\"reason\":\"destroyed\""));
}

TEST_F(StopRace, ADecisionOnAReasonThatHasBeenReplacedDoesNotStand) {
    boot_with_current_alpha();
    request_on(1, StopReason::Reboot);
    request_on(1, StopReason::Destroyed);
    EXPECT_FALSE(vm("alpha").stop().end(StopReason::Reboot));
    EXPECT_EQ(vm("alpha").stop().reason(), StopReason::Destroyed);
    EXPECT_TRUE(vm("alpha").stop().end(StopReason::Destroyed));
    EXPECT_FALSE(vm("alpha").stop().is_made());
}

TEST_F(StopRace, EveryRequestKicksTheVcpusAgain) {
    boot_with_two_vcpus();
    enter(0);
    for (const StopReason reason : {StopReason::Destroyed, StopReason::Destroyed, StopReason::Reset}) {
        cpus[0].attention.exchange(false); // as if the kick before had been lost
        request_on(1, reason);
        EXPECT_TRUE(attention(0));
    }
}

} // namespace
} // namespace trv::vm
