// SPDX-License-Identifier: Apache-2.0
// SPIs that stand for physical ones while their VM is made, paused and reset, and a virtual GIC with as many SPIs as
// there can be.

#include "hardware_spi_machine.hpp"

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_lr = irqchip::ich_lr;
namespace reg = irqchip::gic_bank;

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
    gic.inject_hardware_spi(IntId(50), VGic::no_vcpu);
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

TEST_F(VGicHardwareSpi, OneThatTheVmDoesNotHaveIsIgnored) {
    VGic small(waker, inputs, 1, *VGic::make_spis(0));
    small.inject_hardware_spi(IntId(128), VGic::no_vcpu); // claimed, and not refused yet
    small.inject_hardware_spi(IntId(31), VGic::no_vcpu);
}

} // namespace
} // namespace trv::vdev
