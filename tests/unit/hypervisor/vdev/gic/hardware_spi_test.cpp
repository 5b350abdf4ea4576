// SPDX-License-Identifier: Apache-2.0
// SPIs that stand for physical ones, and a virtual GIC with as many SPIs as there can be.

#include "vgic_machine.hpp"

#include <vector>

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_lr = irqchip::ich_lr;
namespace reg = irqchip::gic_bank;

class VGicHardwareSpi : public VGicTest {
  public:
    static constexpr u32 disk = 700;
    static constexpr IntId physical{60}; // another number, to see that they are not mixed up

    VGicHardwareSpi() : VGicTest(vgic_max_spis) {
        for (FakeVirtualInterface& cpu : cpus) {
            cpu.active_spis = &machine.active;
        }
        gic.set_physical(machine, {0x100, 0x101, 0x102, 0x103});
        EXPECT_TRUE(gic.bind_hardware_spi(IntId(disk), physical));
        start();
    }
    [[nodiscard]] bool is_enabled() const { return machine.enabled[physical.value]; }
    [[nodiscard]] bool is_active() const { return machine.active[physical.value]; }
    [[nodiscard]] bool is_edge() const { return machine.edge[physical.value]; }
    [[nodiscard]] u64 target() const { return machine.routes[physical.value]; }
    bool& wire() { return machine.wires[physical.value]; }
    bool& latched() { return machine.latched[physical.value]; }
    /// The wire rises, and EL2 of a CPU acknowledges the interrupt there.
    void fire(unsigned cpu) {
        EXPECT_FALSE(is_active()) << "an active one is not signalled";
        EXPECT_TRUE(is_enabled());
        fire_late(cpu);
    }
    /// The same, but it was acknowledged before something else that the test has done already.
    void fire_late(unsigned cpu) {
        at(cpu);
        wire() = true;
        machine.active[physical.value] = true;
        gic.inject_hardware_spi(IntId(disk));
    }
    void fall() { wire() = false; }
    void unload_all() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            unload(vcpu);
        }
    }
    void load_all() {
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            load(vcpu);
        }
    }

    irqchip::Gic machine;
};

TEST_F(VGicHardwareSpi, ThePhysicalOneFollowsTheGuestsDistributor) {
    EXPECT_FALSE(is_enabled());
    EXPECT_EQ(target(), 0x100u);
    set_edge(disk);
    EXPECT_TRUE(is_edge());
    EXPECT_FALSE(is_enabled()) << "not by the way";
    enable(disk);
    EXPECT_TRUE(is_enabled());
    route(disk, 3);
    EXPECT_EQ(target(), 0x103u);
    route(disk, 77);
    EXPECT_EQ(target(), 0x103u) << "no such vCPU: it waits where it was";
    write_distributor(reg::icfgr + disk / 16 * 4, 0); // while it is enabled
    EXPECT_FALSE(is_edge());
    EXPECT_TRUE(is_enabled());
    latched() = true;
    write_bit(reg::icpendr, disk);
    EXPECT_FALSE(latched());
    disable(disk);
    EXPECT_FALSE(is_enabled());
}

TEST_F(VGicHardwareSpi, OthersDoNotTouchAnyPhysicalOne) {
    enable_edges(32, 32);
    enable_edges(disk - 28, 28); // in its word
    route(disk - 1, 2);
    write_bit(reg::icpendr, disk - 1);
    const irqchip::Gic fresh;
    EXPECT_EQ(machine.enabled, fresh.enabled);
    EXPECT_EQ(machine.edge, fresh.edge);
    EXPECT_EQ(target(), 0x100u);
}

TEST_F(VGicHardwareSpi, TheGuestsDeactivationIsThePhysicalOne) {
    enable(disk);
    route(disk, 1);
    settle();
    fire(1);
    FakeVirtualInterface& cpu = enter(1);
    const u64 entry = cpu.find(disk);
    EXPECT_NE(entry & ich_lr::hardware, 0u);
    EXPECT_EQ(entry >> ich_lr::physical_shift & ich_lr::physical_mask, physical.value);
    EXPECT_EQ(cpu.acknowledge(), disk);
    fall();
    EXPECT_TRUE(is_active());
    cpu.end(disk);
    EXPECT_FALSE(is_active());
    EXPECT_FALSE(cpu.maintenance()) << "no exit";
    fire(1);
    EXPECT_EQ(enter(1).acknowledge_and_end(), disk);
    EXPECT_FALSE(is_active());
    EXPECT_EQ(enter(1).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, SeparateDeactivationWorksToo) {
    cpus[0].vmcr |= irqchip::ich_vmcr::eoi_mode;
    enable(disk);
    fire(0);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), disk);
    cpu.end(disk);
    EXPECT_TRUE(is_active());
    enter(0);
    EXPECT_TRUE(is_active());
    EXPECT_TRUE(cpu.deactivate(disk));
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, ALevelThatIsStillHighComesAgain) {
    enable(disk);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
    EXPECT_FALSE(is_active());
    fire(0); // the wire has not moved
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, WhileItsVcpuIsNotLoadedItStaysActiveSoThatItDoesNotStorm) {
    enable(disk);
    unload(0);
    fire(1);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{0});
    EXPECT_TRUE(is_active());
    EXPECT_TRUE(gic.has_deliverable(0));
    load(0);
    EXPECT_EQ(cpus[0].acknowledge(), disk);
    unload(0);
    EXPECT_TRUE(is_active()) << "the guest is handling it";
    load(0);
    EXPECT_NE(cpus[0].find(disk) & ich_lr::hardware, 0u);
    cpus[0].end(disk);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, AnotherCpuTakesTheNextOneBeforeTheFirstIsCollected) {
    enable(disk);
    route(disk, 1);
    settle();
    fire(1);
    EXPECT_EQ(enter(1).acknowledge_and_end(), disk); // EL2 of that CPU has not seen it yet
    waker.woken.clear();
    fire(3);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    EXPECT_TRUE(is_active());
    FakeVirtualInterface& cpu = enter(1);
    EXPECT_TRUE(is_active()) << "the new one is not the one that was completed";
    EXPECT_NE(cpu.find(disk) & ich_lr::hardware, 0u);
    EXPECT_EQ(cpu.acknowledge_and_end(), disk);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, APendingOneMovesWithItsRoute) {
    enable(disk);
    fire(0);
    EXPECT_NE(enter(0).find(disk), 0u);
    route(disk, 2);
    enter(0);
    EXPECT_EQ(cpus[0].used(), 0u);
    EXPECT_NE(enter(2).find(disk) & ich_lr::hardware, 0u);
    EXPECT_EQ(cpus[2].acknowledge_and_end(), disk);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, IsCompletedWhereItWasTakenAlthoughItIsRerouted) {
    enable(disk);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), disk);
    route(disk, 2);
    enter(2);
    EXPECT_EQ(cpus[2].used(), 0u);
    cpus[0].end(disk);
    EXPECT_FALSE(is_active());
    fire(2);
    EXPECT_EQ(enter(2).acknowledge(), spurious) << "CPU 0 has not collected it";
    enter(0);
    EXPECT_EQ(enter(2).acknowledge_and_end(), disk);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, RoutedToNoVcpuItWaits) {
    enable(disk);
    route(disk, 9);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_TRUE(is_active());
    route(disk, 1);
    EXPECT_EQ(enter(1).acknowledge_and_end(), disk);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, DisabledWhileItIsPendingItIsGivenBack) {
    enable(disk);
    fire(0);
    enter(0);
    disable(disk);
    EXPECT_FALSE(is_enabled());
    enter(0);
    EXPECT_FALSE(is_active());
    EXPECT_TRUE(read_bit(reg::ispendr, disk)) << "the wire is high";
    fall();
    EXPECT_FALSE(read_bit(reg::ispendr, disk));
    enable(disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
}

TEST_F(VGicHardwareSpi, DisabledWhileItIsHandledItEndsWithTheHandler) {
    enable(disk);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), disk);
    disable(disk);
    enter(0);
    EXPECT_TRUE(is_active());
    cpus[0].end(disk);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, OneThatWasAcknowledgedBeforeItWasDisabledIsGivenBack) {
    enable(disk);
    disable(disk);
    fire_late(2);
    EXPECT_FALSE(is_active());
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, ButAnEdgeIsKept) {
    set_edge(disk);
    enable(disk);
    disable(disk);
    fire_late(2);
    EXPECT_FALSE(is_active());
    fall();
    enable(disk);
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, WhatTheGuestClearsIsGivenBack) {
    enable(disk);
    fire(0);
    write_bit(reg::icpendr, disk);
    EXPECT_FALSE(is_active());
    fire(0);
    enter(0);
    write_bit(reg::icpendr, disk, 2); // listed elsewhere
    EXPECT_TRUE(is_active());
    enter(0);
    EXPECT_FALSE(is_active());
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), disk);
    write_bit(reg::icactiver, disk, 2);
    enter(0);
    EXPECT_FALSE(is_active());
    EXPECT_EQ(cpus[0].used(), 0u);
}

TEST_F(VGicHardwareSpi, SoftwarePendingHasNoPhysicalSide) {
    enable(disk);
    write_bit(reg::ispendr, disk);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(disk) & ich_lr::hardware, 0u);
    EXPECT_EQ(cpu.acknowledge(), disk);
    fire(0); // the physical one comes meanwhile
    enter(0);
    EXPECT_EQ(cpu.find(disk) & ich_lr::state_mask, ich_lr::active);
    EXPECT_NE(cpu.find(disk) & ich_lr::hardware, 0u);
    cpu.end(disk);
    EXPECT_FALSE(is_active()) << "it comes again, as the wire is high";
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, SoftwarePendingAndPhysicalAreDeliveredOnce) {
    enable(disk);
    write_bit(reg::ispendr, disk);
    enter(0);
    fire(0);
    EXPECT_NE(enter(0).find(disk) & ich_lr::hardware, 0u);
    EXPECT_EQ(cpus[0].acknowledge_and_end(), disk);
    EXPECT_FALSE(is_active());
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, AnEdgeThatComesWhileTheGuestHasItActiveIsNotLost) {
    set_edge(disk);
    enable(disk);
    write_bit(reg::isactiver, disk);
    enter(0);
    fire(0);
    fall();
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(disk) & ich_lr::state_mask, ich_lr::state_mask);
    EXPECT_EQ(cpu.find(disk) & ich_lr::hardware, 0u);
    EXPECT_FALSE(is_active());
    write_bit(reg::icactiver, disk);
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, ALevelThatTheGuestMadeActiveIsDeactivatedWithIt) {
    enable(disk);
    write_bit(reg::isactiver, disk);
    fire(0);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(disk) & ich_lr::state_mask, ich_lr::active);
    EXPECT_TRUE(cpu.deactivate(disk));
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, WithoutAListRegisterItIsDeactivatedByUs) {
    cpus[0].list_registers = 1;
    enable(disk);
    set_priority(disk, 0x80);
    fire(0);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), disk);
    enable(5);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, u64{5} << 24 | 1);
    enter(0);
    EXPECT_EQ(cpu.acknowledge_and_end(), 5u);
    EXPECT_EQ(cpu.find(disk), 0u);
    EXPECT_TRUE(is_active());
    cpu.end(disk);
    ASSERT_TRUE(cpu.maintenance());
    gic.maintenance(0);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, APendingOneThatDoesNotFitComesWhenThereIsRoom) {
    cpus[0].list_registers = 2;
    enable(disk);
    set_priority(disk, 0xf0);
    enable_edges(40, 6);
    for (u32 intid = 40; intid < 46; ++intid) {
        gic.pulse(IntId(intid));
    }
    fire(0);
    EXPECT_EQ(drain(0), (std::vector<u32>{40, 41, 42, 43, 44, 45, disk}));
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, WhileTheVmIsPausedItIsDisabledAndInactive) {
    enable(disk);
    fire(0);
    enter(0);
    gic.pause_hardware(true);
    EXPECT_FALSE(is_enabled());
    unload_all();
    EXPECT_FALSE(is_active());
    fire_late(1);
    EXPECT_FALSE(is_active());
    enable(disk, 1); // a vCPU that has not come to its end
    EXPECT_FALSE(is_enabled());
    gic.pause_hardware(false);
    EXPECT_TRUE(is_enabled());
    load_all();
    EXPECT_EQ(enter(0).acknowledge(), spurious) << "it comes again if the wire is high";
    fire(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
}

TEST_F(VGicHardwareSpi, AHandlerThatWasPausedGoesOn) {
    enable(disk);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), disk);
    gic.pause_hardware(true);
    unload_all();
    EXPECT_FALSE(is_active());
    gic.pause_hardware(false);
    load_all();
    fire(0); // the wire is still high
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(disk) & ich_lr::state_mask, ich_lr::active) << "not delivered into its own handler";
    cpu.end(disk);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, AnEdgeOutlastsThePause) {
    set_edge(disk);
    enable(disk);
    fire(0);
    fall();
    gic.pause_hardware(true);
    EXPECT_FALSE(is_active());
    unload_all();
    gic.pause_hardware(false);
    load_all();
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, AfterAResetItIsAsAfterPowerOn) {
    set_edge(disk);
    enable(disk);
    route(disk, 2);
    settle();
    fire(2);
    EXPECT_EQ(enter(2).acknowledge(), disk);
    latched() = true; // and pending again
    unload_all();
    gic.reset();
    EXPECT_FALSE(is_enabled());
    EXPECT_FALSE(is_edge());
    EXPECT_FALSE(latched());
    EXPECT_EQ(target(), 0x100u);
    EXPECT_FALSE(is_active());
    fire_late(1);
    EXPECT_FALSE(is_active()) << "acknowledged in the life before";
    fall();
    start();
    enable(disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk) << "it is still bound";
}

TEST_F(VGicHardwareSpi, SilencedItIsQuietUntilTheNextReset) {
    enable(disk);
    fire(0);
    enter(0);
    unload_all();
    gic.silence_hardware();
    EXPECT_FALSE(is_enabled());
    EXPECT_FALSE(is_active());
    gic.pause_hardware(false); // a pause that ends late
    EXPECT_FALSE(is_enabled());
}

TEST_F(VGicHardwareSpi, IsBoundOnceAndOnlyIfItExists) {
    EXPECT_EQ(gic.bind_hardware_spi(IntId(disk), IntId(61)).error(), Error::Busy);
    EXPECT_EQ(gic.bind_hardware_spi(IntId(31), IntId(61)).error(), Error::OutOfRange);
    EXPECT_EQ(gic.bind_hardware_spi(IntId(end_of_spis), IntId(61)).error(), Error::OutOfRange);
    VGic small(waker, inputs, 1, *VGic::make_spis(0));
    EXPECT_EQ(small.bind_hardware_spi(IntId(128), IntId(61)).error(), Error::OutOfRange);
}

TEST_F(VGicHardwareSpi, OneThatCameLateForAFormerOwnerEndsWhenItIsBound) {
    machine.active[61] = true;
    gic.inject_hardware_spi(IntId(50));
    EXPECT_FALSE(read_bit(reg::ispendr, 50));
    EXPECT_TRUE(gic.bind_hardware_spi(IntId(50), IntId(61)));
    EXPECT_FALSE(machine.active[61]);
}

TEST_F(VGicHardwareSpi, TheLastIntidExistsAndNoneBeyond) {
    EXPECT_EQ(gic.interrupts(), end_of_spis);
    EXPECT_EQ(read_distributor(irqchip::gicd::typer) & irqchip::gicd::typer_lines_mask, 31u);
    write_distributor(reg::isenabler + 4 * 31, ~u32{0});
    EXPECT_EQ(read_distributor(reg::isenabler + 4 * 31), 0x0fff'ffffu) << "1020 to 1023 are special";
    write_distributor(reg::ispendr + 4 * 31, 0xf800'0000u);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge_and_end(), 1019u);
    EXPECT_EQ(cpu.acknowledge(), spurious);
    route(1019, 1);
    EXPECT_EQ(read_distributor(irqchip::gicd::irouter + 8 * 1019, 8), 1u);
    route(1020, 1);
    EXPECT_EQ(read_distributor(irqchip::gicd::irouter + 8 * 1020, 8), 0u);
    gic.pulse(IntId(1020));
    gic.set_level(IntId(1020), true);
    at(0);
    gic.deactivate(0, 1020);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, LinesThatAreHighOutlastAReset) {
    gic.set_level(IntId(1000), true);
    unload_all();
    gic.reset();
    start();
    enable(1000);
    EXPECT_EQ(enter(0).acknowledge(), 1000u);
}

TEST(VGicSpis, AreAsManyAsTheVmNeedsRoundedUp) {
    EXPECT_EQ(VGic::make_spis(0)->size(), 3u);
    EXPECT_EQ(VGic::make_spis(96)->size(), 3u);
    EXPECT_EQ(VGic::make_spis(97)->size(), 7u);
    EXPECT_EQ(VGic::make_spis(256)->size(), 15u);
    EXPECT_EQ(VGic::make_spis(988)->size(), 31u);
    EXPECT_EQ(VGic::make_spis(989).error(), Error::OutOfRange);
}

} // namespace
} // namespace trv::vdev
