// SPDX-License-Identifier: Apache-2.0
// SPIs that stand for physical ones, from the wire to the guest's deactivation.

#include "hardware_spi_machine.hpp"

#include <vector>

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_lr = irqchip::ich_lr;
namespace reg = irqchip::gic_bank;

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

TEST_F(VGicHardwareSpi, TheVcpuThatRunsHereHasItAtOnce) {
    enable(disk);
    route(disk, 1);
    settle();
    fire(1, 1);
    EXPECT_FALSE(gic.needs_flush(1));
    EXPECT_NE(cpus[1].find(disk) & ich_lr::pending, 0u);
    EXPECT_TRUE(waker.take().empty());
}

TEST_F(VGicHardwareSpi, OneThatRunsHereIsLeftAloneByAnothersInterrupt) {
    enable(disk);
    route(disk, 1);
    settle();
    fire(2, 2); // routed elsewhere while it was on its way
    EXPECT_FALSE(gic.needs_flush(2));
    EXPECT_EQ(cpus[2].find(disk), 0u);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    EXPECT_NE(enter(1).find(disk) & ich_lr::pending, 0u);
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

} // namespace
} // namespace trv::vdev
