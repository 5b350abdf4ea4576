// SPDX-License-Identifier: Apache-2.0
// Asynchronous errors reach the guest that caused them, regardless of which vCPU runs when they arrive.

#include "arch/asynchronous_error.hpp"
#include "arch/smccc.hpp"
#include "lib/psci.hpp"
#include "scheduler_fixture.hpp"

namespace trv::vm {
namespace {

constexpr u64 bus_error = 0xbe00'0011; ///< as a Cortex-A55 says that the bus refused a store
constexpr u64 corrected = 0xbe00'1811;

class GuestError : public SchedulerTest {
  public:
    GuestError() {
        describe_on(0, "alpha");
        describe_on(0, "beta");
        boot_and_load();
        make_current(vcpu("alpha"));
    }
    ~GuestError() override {
        arch::fake_pending_error.reset();
        arch::fake_error_under_way.reset();
        arch::fake_firmware = nullptr;
    }
    static bool loaded_guest_gets_it() { return arch::fake_guest_cpu.virtual_error.pending; }
    bool waits_for(std::string_view label) { return vcpu(label).context().virtual_error.pending; }
};

TEST_F(GuestError, OneThatInterruptsTheGuestIsTheGuests) {
    leave_guest(0, arch::ExitKind::SError, bus_error);
    EXPECT_TRUE(loaded_guest_gets_it());
    EXPECT_EQ(arch::fake_guest_cpu.virtual_error.syndrome, 0x11U);
    EXPECT_EQ(cpus[0].scheduler.current(), &vcpu("alpha")) << "what it does about it is its own affair";
    EXPECT_FALSE(vm("alpha").stop().is_made());
}

// A store, then at once a call that gives the CPU to the other VM: the bus answers only afterwards.
TEST_F(GuestError, OneThatComesAfterTheGuestHasLeftIsNotTheNextOnes) {
    arch::fake_error_under_way = bus_error;
    issue(vcpu("alpha"), psci::CpuSuspend64);
    ASSERT_EQ(cpus[0].scheduler.current(), &vcpu("beta"));
    EXPECT_FALSE(loaded_guest_gets_it()) << "beta has done nothing";
    EXPECT_FALSE(arch::error_pending());
    EXPECT_TRUE(waits_for("alpha"));
    make_current(vcpu("alpha"));
    EXPECT_TRUE(loaded_guest_gets_it()) << "and it was woken for it";
}

TEST_F(GuestError, OneThatIsPendingAtAnExitIsTakenThen) {
    arch::fake_pending_error = bus_error;
    (void)call(vcpu("alpha"), psci::Version);
    EXPECT_FALSE(arch::error_pending());
    EXPECT_TRUE(loaded_guest_gets_it());
}

TEST_F(GuestError, OneThatComesAsTheVcpuIsSwitchedOffEndsWithIt) {
    arch::fake_error_under_way = bus_error;
    issue(vcpu("alpha"), psci::SystemReset);
    settle();
    EXPECT_EQ(vm("alpha").state(), VmState::Running);
    EXPECT_FALSE(waits_for("alpha")) << "the next kernel has caused nothing";
    EXPECT_FALSE(waits_for("beta"));
    EXPECT_FALSE(loaded_guest_gets_it());
}

// Firmware that finds one pending returns the call to EL2 until it is taken, or ends the machine.
TEST_F(GuestError, FirmwareNeverFindsOnePending) {
    cpus[0].facts.workaround1 = 0;
    bool found = false;
    arch::fake_firmware = [&found](const arch::SmcArguments&) {
        found = found || arch::error_pending() || arch::fake_error_under_way.has_value();
        return arch::SmcResult{};
    };
    arch::fake_error_under_way = bus_error;
    (void)call(vcpu("alpha"), arch::smccc::ArchWorkaround1);
    EXPECT_FALSE(found);
    EXPECT_TRUE(loaded_guest_gets_it());
}

TEST_F(GuestError, OneThatDidNoHarmIsOnlyLogged) {
    leave_guest(0, arch::ExitKind::SError, corrected);
    EXPECT_FALSE(loaded_guest_gets_it());
    EXPECT_EQ(cpus[0].scheduler.current(), &vcpu("alpha"));
}

TEST_F(GuestError, ASleeperWakesForIt) {
    wait_for_interrupt(0);
    arch::fake_pending_error = bus_error;
    wait_for_interrupt(0); // beta's, too: the CPU has nothing to do; alpha was settled when beta was loaded
    EXPECT_EQ(cpus[0].scheduler.current(), &vcpu("beta")) << "it causes it, so it goes on";
    EXPECT_TRUE(loaded_guest_gets_it());
}

using GuestErrorDeathTest = GuestError;

TEST_F(GuestErrorDeathTest, OneThatNoGuestCanHaveCausedIsOurOwn) {
    issue(vcpu("alpha"), psci::SystemOff);
    settle();
    make_current(vcpu("beta"));
    EXPECT_DEATH(
        {
            issue(vcpu("beta"), psci::CpuOff);
            arch::fake_pending_error = bus_error;
            enter(0);
            enter(0);
        },
        "an access of the hypervisor's own failed");
}

} // namespace
} // namespace trv::vm
