// SPDX-License-Identifier: Apache-2.0
// SPIs that stand for physical ones, and become pending while the guest has them active or pending already.

#include "hardware_spi_machine.hpp"

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_lr = irqchip::ich_lr;
namespace reg = irqchip::gic_bank;

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

TEST_F(VGicHardwareSpi, WhatSoftwareAsksForWhileTheGuestHandlesItComesNext) {
    enable(disk);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), disk);
    fall();
    write_bit(reg::ispendr, disk);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(disk) & ich_lr::state_mask, ich_lr::active);
    EXPECT_TRUE(read_bit(reg::ispendr, disk)) << "the wire is low";
    enter(0);
    cpu.end(disk);
    ASSERT_TRUE(cpu.maintenance());
    gic.maintenance(0);
    EXPECT_EQ(cpu.acknowledge(), disk);
    EXPECT_FALSE(read_bit(reg::ispendr, disk));
    enter(0);
    cpu.end(disk);
    EXPECT_FALSE(cpu.maintenance());
    EXPECT_FALSE(is_active());
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicHardwareSpi, WhatSoftwareAsksForIsNoneOfTheWiresBusiness) {
    enable(disk);
    fire(0);
    EXPECT_EQ(enter(0).acknowledge(), disk);
    write_bit(reg::ispendr, disk);
    disable(disk);
    FakeVirtualInterface& cpu = enter(0);
    cpu.end(disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    fall();
    enable(disk);
    EXPECT_EQ(enter(0).acknowledge_and_end(), disk);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_FALSE(is_active());
}

TEST_F(VGicHardwareSpi, AnEdgeThatComesWhileItIsActiveElsewhereGoesToItsNewVcpu) {
    set_edge(disk);
    enable(disk);
    write_bit(reg::ispendr, disk);
    EXPECT_EQ(enter(0).acknowledge(), disk) << "without its physical one";
    route(disk, 2);
    settle();
    fire(2);
    fall();
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.find(disk) & (ich_lr::state_mask | ich_lr::hardware), ich_lr::active);
    EXPECT_FALSE(is_active());
    cpu.end(disk);
    ASSERT_TRUE(cpu.maintenance()) << "vCPU 2 waits for it";
    gic.maintenance(0);
    EXPECT_EQ(enter(2).acknowledge_and_end(), disk);
    EXPECT_EQ(enter(2).acknowledge(), spurious);
    EXPECT_FALSE(is_active());
}

} // namespace
} // namespace trv::vdev
