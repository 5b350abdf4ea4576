// SPDX-License-Identifier: Apache-2.0
// Interrupts that stand for physical ones, and vCPUs that come and go.

#include "vgic_machine.hpp"

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_hcr = irqchip::ich_hcr;
namespace ich_lr = irqchip::ich_lr;
namespace ich_vmcr = irqchip::ich_vmcr;
namespace reg = irqchip::gic_bank;

class VGicHardware : public VGicTest {
  public:
    static constexpr u32 physical_timer = 28; // another number, to see that they are not mixed up
    static constexpr u32 physical_bit = 1u << physical_timer;

    VGicHardware() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            gic.bind_hardware(vcpu, IntId(timer), IntId(physical_timer));
        }
        start();
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            enable(timer, vcpu);
        }
    }
    /// The physical interrupt fires, and EL2 acknowledges it.
    void fire(unsigned vcpu, unsigned cpu) {
        at(cpu);
        inputs.wires[vcpu] |= 1u << timer;
        redistributors[cpu].active |= physical_bit;
        gic.inject_hardware(vcpu, IntId(timer));
    }
    void fire(unsigned vcpu) { fire(vcpu, vcpu); }
    /// The guest stops its timer, say, which EL2 does not see.
    void fall(unsigned vcpu) { inputs.wires[vcpu] = 0; }
    /// Neither delivered nor still active.
    void expect_gone(unsigned vcpu) {
        EXPECT_EQ(enter(vcpu).acknowledge(), spurious);
        EXPECT_EQ(redistributors[vcpu].active, 0u) << "it could not come again";
    }
};

TEST_F(VGicHardware, TheGuestsDeactivationIsThePhysicalOne) {
    fire(1);
    EXPECT_TRUE(waker.take().empty());
    FakeVirtualInterface& cpu = enter(1);
    const u64 entry = cpu.find(timer);
    EXPECT_NE(entry & ich_lr::hardware, 0u);
    EXPECT_EQ(entry >> ich_lr::physical_shift & ich_lr::physical_mask, physical_timer);
    EXPECT_EQ(cpu.acknowledge(), timer);
    EXPECT_EQ(redistributors[1].active, physical_bit);
    cpu.end(timer);
    EXPECT_EQ(redistributors[1].active, 0u);
    EXPECT_FALSE(cpu.maintenance());
    EXPECT_EQ(redistributors[1].writes, 0u) << "no access to the physical redistributor on this path";
    fire(1); // before EL2 has looked at the list register again
    EXPECT_NE(enter(1).find(timer) & ich_lr::hardware, 0u);
    EXPECT_EQ(cpu.acknowledge_and_end(), timer);
    EXPECT_EQ(redistributors[1].active, 0u);
}

TEST_F(VGicHardware, ReportedTwiceItIsDeliveredOnce) {
    fire(0);
    fire(0);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), timer);
    fire(0);
    enter(0);
    EXPECT_EQ(cpu.find(timer) & ich_lr::state_mask, ich_lr::active);
    cpu.end(timer);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(redistributors[0].active, 0u);
}

TEST_F(VGicHardware, AnotherVcpuOnTheCpuDoesNotInheritIt) {
    fire(0);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), timer);
    unload(0);
    EXPECT_TRUE(gic.is_hardware_held(0, IntId(timer)));
    EXPECT_FALSE(gic.is_hardware_held(1, IntId(timer)));
    EXPECT_EQ(redistributors[0].active, 0u) << "vCPU 1's timer must be able to fire";
    EXPECT_EQ(redistributors[0].writes, 1u);
    unload(1);
    at(0);
    gic.load(1, redistributors[0]);
    EXPECT_EQ(redistributors[0].writes, 1u);
    EXPECT_EQ(cpu.used(), 0u);
    EXPECT_EQ(cpu.running_priority(), 0xffu);
    fire(1, 0);
    gic.flush(1);
    EXPECT_EQ(cpu.acknowledge_and_end(), timer);
    gic.unload(1);
    load(0);
    EXPECT_EQ(redistributors[0].active, physical_bit);
    EXPECT_EQ(cpu.running_priority(), 0u);
    cpu.end(timer);
    EXPECT_EQ(redistributors[0].active, 0u);
    unload(0);
    EXPECT_FALSE(gic.is_hardware_held(0, IntId(timer)));
}

TEST_F(VGicHardware, ClearPendingGivesThePhysicalOneBack) {
    fire(0);
    enter(0);
    write_bit(reg::icpendr, timer);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(redistributors[0].active, 0u);
}

TEST_F(VGicHardware, ClearPendingWhileDisabledGivesItBackToo) {
    disable(timer);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(redistributors[0].active, physical_bit) << "no storm while the guest has it disabled";
    write_bit(reg::icpendr, timer);
    enter(0);
    EXPECT_EQ(redistributors[0].active, 0u);
}

TEST_F(VGicHardware, ClearActiveGivesItBack) {
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), timer);
    write_bit(reg::icactiver, timer);
    enter(0);
    EXPECT_EQ(redistributors[0].active, 0u);
    EXPECT_EQ(cpus[0].used(), 0u);
}

TEST_F(VGicHardware, ClearedFromAnotherVcpuItIsGivenBackByItsOwner) {
    fire(1);
    EXPECT_EQ(enter(1).acknowledge(), timer);
    write_redistributor(1, irqchip::gicr::sgi_base + reg::icactiver, 1u << timer, 4, 0);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    EXPECT_EQ(redistributors[1].active, physical_bit);
    enter(1);
    EXPECT_EQ(redistributors[1].active, 0u);
}

TEST_F(VGicHardware, AWireThatFellWhileItWasDisabledIsNotDelivered) {
    disable(timer);
    fire(0);
    EXPECT_TRUE(read_bit(reg::ispendr, timer));
    fall(0);
    EXPECT_FALSE(read_bit(reg::ispendr, timer));
    enable(timer);
    expect_gone(0);
}

TEST_F(VGicHardware, NorIfTheGuestDoesNotLookInBetween) {
    disable(timer);
    fire(0);
    enter(0);
    fall(0);
    enable(timer);
    expect_gone(0);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), timer) << "it comes again";
}

TEST_F(VGicHardware, AWireThatFellIsSampledWhenListRegistersAreWritten) {
    enable(5);
    fire(0);
    ASSERT_NE(enter(0).find(timer), 0u);
    fall(0);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, u64{5} << 24 | 1);
    EXPECT_EQ(enter(0).acknowledge_and_end(), 5u);
    expect_gone(0);
}

TEST_F(VGicHardware, AWireThatFellIsSampledWhenTheVcpuIsLoaded) {
    fire(0);
    enter(0);
    unload(0);
    fall(0);
    load(0);
    expect_gone(0);
    EXPECT_FALSE(gic.is_hardware_held(0, IntId(timer)));
}

TEST_F(VGicHardware, AWireThatFellDoesNotKeepTheVcpuFromSleep) {
    fire(0);
    enter(0);
    EXPECT_TRUE(gic.has_deliverable(0));
    fall(0);
    EXPECT_FALSE(gic.has_deliverable(0));
    expect_gone(0);
}

TEST_F(VGicHardware, WhatWasWrittenToIspendrOutlastsTheWire) {
    disable(timer);
    fire(0);
    write_bit(reg::ispendr, timer);
    fall(0);
    EXPECT_TRUE(read_bit(reg::ispendr, timer));
    enable(timer);
    EXPECT_EQ(enter(0).acknowledge_and_end(), timer);
    fire(0);
    enter(0);
    fall(0);
    EXPECT_FALSE(read_bit(reg::ispendr, timer)) << "acknowledging ended it";
    expect_gone(0);
}

TEST_F(VGicHardware, WhileItIsHandledTheWireShowsWhetherItIsPendingAgain) {
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), timer);
    EXPECT_TRUE(read_bit(reg::ispendr, timer));
    EXPECT_TRUE(read_bit(reg::isactiver, timer));
    fall(0);
    EXPECT_FALSE(read_bit(reg::ispendr, timer));
    EXPECT_TRUE(read_bit(reg::isactiver, timer));
    enter(0).end(timer);
    expect_gone(0);
}

TEST_F(VGicHardware, SoftwarePendingHasNoPhysicalSide) {
    write_bit(reg::ispendr, timer);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(timer) & ich_lr::hardware, 0u);
    EXPECT_EQ(cpu.acknowledge_and_end(), timer);
    EXPECT_EQ(cpu.acknowledge(), spurious);
}

TEST_F(VGicHardware, UnlistedItIsDeactivatedByUs) {
    cpus[0].list_registers = 1;
    set_priority(timer, 0x80);
    fire(0);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), timer);
    enable(5);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, u64{5} << 24 | 1);
    enter(0);
    EXPECT_EQ(cpu.acknowledge(), 5u);
    cpu.end(5);
    EXPECT_EQ(cpu.find(timer), 0u);
    cpu.end(timer);
    ASSERT_TRUE(cpu.maintenance());
    gic.maintenance(0);
    EXPECT_EQ(redistributors[0].active, 0u);
    EXPECT_FALSE(read_bit(reg::isactiver, timer));
}

TEST_F(VGicHardware, LoadAndUnloadKeepEverything) {
    FakeVirtualInterface& cpu = enter(0);
    for (u32 intid = 40; intid < 46; ++intid) {
        set_edge(intid);
        enable(intid);
        set_priority(intid, static_cast<u8>(0xa0 + 8 * (intid - 40)));
        gic.pulse(IntId(intid));
    }
    set_priority(40, 0x20);
    enter(0);
    EXPECT_EQ(cpu.acknowledge(), 40u);
    gic.pulse(IntId(40));
    const u64 vmcr = cpu.vmcr;
    const auto priorities = cpu.active_priorities;
    unload(0);
    EXPECT_EQ(cpu.hcr, 0u);
    EXPECT_EQ(cpu.lr, (std::array<u64, irqchip::max_list_registers>{})) << "nothing is left behind";
    cpu.vmcr = 0;
    cpu.active_priorities = {};
    load(0);
    EXPECT_EQ(cpu.vmcr, vmcr);
    EXPECT_EQ(cpu.active_priorities, priorities);
    cpu.end(40);
    for (u32 intid = 40; intid < 46; ++intid) {
        if (cpu.maintenance()) {
            gic.maintenance(0);
        }
        EXPECT_EQ(cpu.acknowledge_and_end(), intid);
    }
    EXPECT_EQ(cpu.acknowledge(), spurious);
}

TEST_F(VGicHardware, AllActivePriorityRegistersAreKept) {
    FakeVirtualInterface& cpu = cpus[2];
    unload(2);
    cpu.preemption_bits = 7;
    cpu.priority_bits = 7;
    load(2);
    for (unsigned n = 0; n < 4; ++n) {
        cpu.active_priorities[0][n] = 0x10 + n;
        cpu.active_priorities[1][n] = 0x20 + n;
    }
    const auto priorities = cpu.active_priorities;
    unload(2);
    cpu.active_priorities = {};
    load(2);
    EXPECT_EQ(cpu.active_priorities, priorities);
}

TEST_F(VGicHardware, ResetOfAVcpuIsThatOfItsInterface) {
    enable(5, 1);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, u64{5} << 24 | 2);
    EXPECT_EQ(enter(1).acknowledge(), 5u);
    unload(1);
    gic.reset_vcpu(1);
    load(1);
    EXPECT_EQ(cpus[1].vmcr, ich_vmcr::reset_value(irqchip::VirtualInterface::vtr()));
    EXPECT_EQ(cpus[1].running_priority(), 0xffu);
    EXPECT_TRUE(read_bit(reg::isenabler, 5, 1)) << "the redistributor is not part of the vCPU";
}

TEST_F(VGicHardware, ResetForgetsAllButWires) {
    enable(50);
    set_priority(50, 0x80);
    route(50, 2);
    gic.set_level(IntId(50), true);
    fire(3);
    enter(3);
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        unload(vcpu);
    }
    EXPECT_EQ(redistributors[3].active, 0u);
    gic.reset();
    EXPECT_EQ(read_distributor(0), 0x50u);
    EXPECT_EQ(read_distributor(reg::isenabler + 4), 0u);
    EXPECT_EQ(read_distributor(irqchip::gicd::irouter + 8 * 50, 8), 0u);
    EXPECT_EQ(read_distributor(reg::ipriorityr + 48), 0u);
    EXPECT_TRUE(read_bit(reg::ispendr, 50)) << "the device still drives it";
    start();
    EXPECT_EQ(cpus[3].used(), 0u);
    EXPECT_EQ(redistributors[3].active, 0u);
    enable(timer, 3);
    fire(3);
    EXPECT_NE(enter(3).find(timer) & ich_lr::hardware, 0u) << "the binding survives";
    EXPECT_EQ(enter(3).acknowledge(), timer);
}

TEST_F(VGicHardware, WhatSoftwareAsksForWhileTheGuestHandlesItComesNext) {
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), timer);
    fall(0);
    write_bit(reg::ispendr, timer);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(timer) & ich_lr::state_mask, ich_lr::active);
    cpu.end(timer);
    ASSERT_TRUE(cpu.maintenance());
    gic.maintenance(0);
    EXPECT_EQ(cpu.acknowledge(), timer);
    cpu.end(timer);
    expect_gone(0);
}

} // namespace
} // namespace trv::vdev
