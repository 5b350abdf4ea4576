// SPDX-License-Identifier: Apache-2.0
// A physical timer interrupt that a guest has taken and not completed, when vCPUs change on its CPU.

#include "arch/registers/registers.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "scheduler_fixture.hpp"

namespace trv::vm {
namespace {

class TimerHandOver : public SchedulerTest {
  public:
    static constexpr u32 timer = virtual_timer_intid.bit();

    TimerHandOver() {
        describe_on(0, "alpha");
        describe_on(0, "beta");
        boot_and_load();
        make_current(vcpu("alpha"));
        open_guests_gic(vm("alpha"));
    }
    ~TimerHandOver() override { arch::fake_guest_cpu = {}; }

    /// What its kernel does at start.
    void open_guests_gic(Vm& of) {
        play(0);
        (void)of.vgic().distributor().write({irqchip::gicd::ctlr, 4, 0}, 3);
        (void)of.vgic().redistributors().write({irqchip::gicr::sgi_base + irqchip::gic_bank::isenabler, 4, 0}, timer);
        virtual_interfaces[0].open();
    }
    void fire_timer() {
        redistributors[0].active |= timer; // by EL2's acknowledgement
        interfaces[0].waiting.push_back(virtual_timer_intid);
        leave_guest(0, arch::ExitKind::Irq);
        ASSERT_NE(virtual_interfaces[0].find(guest::timer_virtual_intid), 0U);
    }
    /// And the guest acknowledges that.
    void take_timer_interrupt() {
        fire_timer();
        ASSERT_EQ(virtual_interfaces[0].acknowledge(), u32{guest::timer_virtual_intid});
    }
};

TEST_F(TimerHandOver, ItIsGivenBackOnlyWhenTheTimerIsOff) {
    take_timer_interrupt();
    u32 while_saving = 0;
    arch::fake_guest_cpu.on_save = [&] { while_saving = redistributors[0].active; };
    make_current(vcpu("beta"));
    EXPECT_EQ(while_saving, timer) << "a timer that still asserts its line would interrupt at once";
    EXPECT_EQ(redistributors[0].active, 0U);
}

TEST_F(TimerHandOver, ItIsActiveAgainBeforeTheTimerRuns) {
    take_timer_interrupt();
    make_current(vcpu("beta"));
    u32 while_loading = 0;
    arch::fake_guest_cpu.on_load = [&] { while_loading = redistributors[0].active; };
    make_current(vcpu("alpha"));
    EXPECT_EQ(while_loading, timer);
    virtual_interfaces[0].end(guest::timer_virtual_intid);
    EXPECT_EQ(redistributors[0].active, 0U) << "the guest's deactivation is the last word";
}

TEST_F(TimerHandOver, WhatIsNotAcknowledgedComesAgainIfTheTimerIsDue) {
    fire_timer();
    vcpu("alpha").context().timer = {arch::timer_ctl::ENABLE, 0};
    make_current(vcpu("beta"));
    make_current(vcpu("alpha"));
    EXPECT_NE(virtual_interfaces[0].find(guest::timer_virtual_intid), 0U);
    EXPECT_EQ(redistributors[0].active, timer);
}

TEST_F(TimerHandOver, ATimerThatWasStoppedOrSetAnewDoesNotInterrupt) {
    const u64 later = arch::fake_ticks - vm("alpha").clock().offset() + 1000 * second;
    for (const arch::TimerRegisters& stopped : {arch::TimerRegisters{0, 0},
                                                {arch::timer_ctl::ENABLE | arch::timer_ctl::IMASK, 0},
                                                {arch::timer_ctl::ENABLE, later}}) {
        fire_timer();
        vcpu("alpha").context().timer = stopped;
        make_current(vcpu("beta"));
        make_current(vcpu("alpha"));
        EXPECT_EQ(virtual_interfaces[0].find(guest::timer_virtual_intid), 0U) << stopped.control;
        EXPECT_EQ(redistributors[0].active, 0U);
    }
}

} // namespace
} // namespace trv::vm
