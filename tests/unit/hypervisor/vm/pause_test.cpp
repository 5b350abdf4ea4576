// SPDX-License-Identifier: Apache-2.0
// A VM that the operator pauses and resumes.

#include "vm_machine.hpp"

namespace trv::vm {
namespace {

class VmPause : public VmTest {};

TEST_F(VmPause, NothingRunsWhilePausedAndTimeStandsStill) {
    describe_on(0, "alpha");
    boot_and_load();
    const u64 guest_time = arch::fake_ticks - vm("alpha").clock().offset();
    ASSERT_TRUE(vm("alpha").pause());
    EXPECT_FALSE(vm("alpha").pause()) << "already";
    EXPECT_EQ(enter(0), nullptr);
    const u64 ran = vm("alpha").vcpu(0).run_time();
    pass(0, 60 * second);
    vm("alpha").vcpu(0).wake();
    EXPECT_EQ(enter(0), nullptr) << "an interrupt does not end it";
    pass(0, 60 * second);
    ASSERT_TRUE(vm("alpha").resume());
    EXPECT_EQ(enter(0), &vm("alpha").vcpu(0));
    EXPECT_EQ(arch::fake_ticks - vm("alpha").clock().offset(), guest_time);
    EXPECT_EQ(arch::fake_guest_cpu.counter_offset, vm("alpha").clock().offset());
    EXPECT_EQ(vm("alpha").vcpu(0).run_time(), ran);
}

TEST_F(VmPause, AVcpuThatSleepsIsHeldToo) {
    describe_on(0, "alpha");
    boot_and_load();
    wait_for_interrupt(0);
    const u64 guest_time = arch::fake_ticks - vm("alpha").clock().offset();
    ASSERT_TRUE(vm("alpha").pause());
    enter(0);
    EXPECT_EQ(vm("alpha").vcpu(0).run_state(), sched::RunState::Held);
    pass(0, second);
    ASSERT_TRUE(vm("alpha").resume());
    EXPECT_EQ(enter(0), &vm("alpha").vcpu(0));
    EXPECT_EQ(arch::fake_ticks - vm("alpha").clock().offset(), guest_time);
}

TEST_F(VmPause, ResumeWaitsUntilAllStandStill) {
    describe_on(0, "alpha");
    boot_and_load();
    EXPECT_FALSE(vm("alpha").resume()) << "not paused";
    ASSERT_TRUE(vm("alpha").pause());
    EXPECT_FALSE(vm("alpha").resume()) << "its CPU has not looked yet";
    enter(0);
    EXPECT_TRUE(vm("alpha").resume());
    EXPECT_FALSE(vm("alpha").resume());
}

TEST_F(VmPause, APausedVmCanBeStopped) {
    describe_on(0, "alpha");
    describe_on(0, "beta");
    boot_and_load();
    for (const char* const label : {"alpha", "beta"}) {
        ASSERT_TRUE(vm(label).pause());
    }
    EXPECT_EQ(enter(0), nullptr);
    vm("alpha").request_stop(StopReason::Destroyed);
    vm("beta").request_stop(StopReason::Reset);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_EQ(vm("beta").state(), VmState::Running);
    EXPECT_FALSE(vm("beta").clock().is_paused());
}

TEST_F(VmPause, OneThatStopsCannotBePaused) {
    describe("alpha");
    boot_and_load();
    vm("alpha").request_stop(StopReason::Destroyed);
    EXPECT_FALSE(vm("alpha").pause());
}

TEST_F(VmPause, PausedWhileLoadingItStartsHeld) {
    describe_on(0, "alpha");
    boot();
    ASSERT_TRUE(vm("alpha").pause());
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_EQ(vm("alpha").vcpu(0).run_state(), sched::RunState::Held);
    ASSERT_TRUE(vm("alpha").resume());
    EXPECT_EQ(enter(0), &vm("alpha").vcpu(0));
}

// Where it runs

} // namespace
} // namespace trv::vm
