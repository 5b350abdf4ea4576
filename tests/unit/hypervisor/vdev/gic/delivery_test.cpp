// SPDX-License-Identifier: Apache-2.0
// What reaches the guest, in which order, and what completing it does.

#include "vgic_machine.hpp"

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_hcr = irqchip::ich_hcr;
namespace ich_lr = irqchip::ich_lr;
namespace ich_vmcr = irqchip::ich_vmcr;
namespace reg = irqchip::gic_bank;

class VGicDelivery : public VGicTest {
  public:
    VGicDelivery() { start(); }
};

TEST_F(VGicDelivery, NothingPendingNeedsNoFlush) {
    enter(0);
    EXPECT_FALSE(gic.needs_flush(0));
    EXPECT_FALSE(gic.has_deliverable(0));
    EXPECT_EQ(cpus[0].hcr, ich_hcr::enable);
}

TEST_F(VGicDelivery, AnEdgeIsDeliveredOnce) {
    enable_edges(40, 1);
    gic.pulse(IntId(40));
    EXPECT_EQ(waker.take(), std::vector<unsigned>{0});
    EXPECT_TRUE(gic.needs_flush(0));
    EXPECT_EQ(drain(0), std::vector<u32>{40});
    EXPECT_FALSE(gic.has_deliverable(0));
    EXPECT_FALSE(cpus[0].maintenance());
}

TEST_F(VGicDelivery, EdgesCoalesceWhilePendingButNotWhileActive) {
    enable_edges(40, 1);
    gic.pulse(IntId(40));
    enter(0);
    gic.pulse(IntId(40));
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), 40u);
    EXPECT_EQ(cpu.acknowledge(), spurious);
    gic.pulse(IntId(40));
    gic.pulse(IntId(40));
    enter(0);
    EXPECT_EQ(cpu.find(40) & ich_lr::state_mask, ich_lr::state_mask);
    cpu.end(40);
    EXPECT_EQ(drain(0), std::vector<u32>{40});
}

TEST_F(VGicDelivery, RisingLineOfAnEdgeInterruptIsOneEdge) {
    enable_edges(40, 1);
    Line line(gic, IntId(40));
    line.set(true);
    line.set(true);
    EXPECT_EQ(drain(0), std::vector<u32>{40});
    line.set(false);
    EXPECT_TRUE(drain(0).empty());
    line.set(true);
    line.set(false);
    EXPECT_EQ(drain(0), std::vector<u32>{40});
}

TEST_F(VGicDelivery, PriorityDecidesTheOrder) {
    enable_edges(40, 3);
    set_priority(40, 0x80);
    set_priority(41, 0x40);
    set_priority(42, 0xc0);
    for (u32 intid = 40; intid < 43; ++intid) {
        gic.pulse(IntId(intid));
    }
    EXPECT_EQ(drain(0), (std::vector<u32>{41, 40, 42}));
}

TEST_F(VGicDelivery, ALevelStaysUntilTheDeviceLowersIt) {
    enable(50);
    gic.set_level(IntId(50), true);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge_and_end(), 50u);
    ASSERT_TRUE(cpu.maintenance());
    gic.maintenance(0);
    EXPECT_FALSE(cpu.maintenance());
    EXPECT_EQ(cpu.acknowledge(), 50u);
    gic.set_level(IntId(50), false); // the handler reads the device
    enter(0);
    EXPECT_EQ(cpu.find(50) & ich_lr::eoi, 0u);
    cpu.end(50);
    EXPECT_FALSE(cpu.maintenance());
    EXPECT_EQ(cpu.acknowledge(), spurious);
    EXPECT_FALSE(gic.has_deliverable(0));
}

TEST_F(VGicDelivery, ALevelThatDropsBeforeTheAcknowledgeIsNotDelivered) {
    enable(50);
    gic.set_level(IntId(50), true);
    enter(0);
    gic.set_level(IntId(50), false);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
}

TEST_F(VGicDelivery, ALevelThatFallsAndRisesInTheHandlerComesAgain) {
    enable(50);
    gic.set_level(IntId(50), true);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), 50u);
    gic.set_level(IntId(50), false);
    enter(0);
    gic.set_level(IntId(50), true);
    enter(0);
    cpu.end(50);
    EXPECT_EQ(cpu.acknowledge(), 50u);
    gic.set_level(IntId(50), false);
    enter(0).end(50);
    EXPECT_EQ(cpu.acknowledge(), spurious);
}

TEST_F(VGicDelivery, DisabledWhilePendingWaitsForItsEnable) {
    enable_edges(40, 1);
    gic.pulse(IntId(40));
    enter(0);
    disable(40);
    EXPECT_TRUE(gic.needs_flush(0));
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), spurious);
    EXPECT_FALSE(gic.has_deliverable(0));
    EXPECT_TRUE(read_bit(reg::ispendr, 40));
    enable(40);
    EXPECT_EQ(drain(0), std::vector<u32>{40});
}

TEST_F(VGicDelivery, DisabledInItsHandlerStaysActiveAndWaits) {
    enable(50);
    gic.set_level(IntId(50), true);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), 50u);
    disable(50);
    enter(0);
    EXPECT_TRUE(read_bit(reg::isactiver, 50));
    enter(0).end(50);
    EXPECT_FALSE(cpu.maintenance()) << "a masked line needs no look after its EOI";
    EXPECT_EQ(cpu.acknowledge(), spurious);
    enable(50);
    EXPECT_EQ(enter(0).acknowledge(), 50u);
}

TEST_F(VGicDelivery, GroupsAreSwitchedAtTheDistributor) {
    enable_edges(40, 2);
    write_distributor(reg::igroupr + 4, ~IntId(41).bit()); // 41 is Group 0
    write_distributor(0, 2);
    gic.pulse(IntId(40));
    gic.pulse(IntId(41));
    EXPECT_EQ(drain(0), std::vector<u32>{40});
    write_distributor(0, 1);
    EXPECT_EQ(drain(0), std::vector<u32>{41});
    gic.pulse(IntId(40));
    EXPECT_TRUE(drain(0).empty());
    write_distributor(0, 3);
    EXPECT_EQ(drain(0), std::vector<u32>{40});
}

TEST_F(VGicDelivery, PriorityChangeReordersWhatIsListed) {
    enable_edges(40, 2);
    gic.pulse(IntId(40));
    gic.pulse(IntId(41));
    enter(0);
    set_priority(40, 0x90);
    EXPECT_EQ(drain(0), (std::vector<u32>{41, 40}));
}

TEST_F(VGicDelivery, SoftwarePendingOfALevelEndsWithItsAcknowledge) {
    enable(50);
    write_bit(reg::ispendr, 50);
    EXPECT_EQ(drain(0), std::vector<u32>{50});
    EXPECT_FALSE(read_bit(reg::ispendr, 50));
    EXPECT_TRUE(drain(0).empty());
}

TEST_F(VGicDelivery, ClearPendingReachesTheListRegister) {
    enable_edges(40, 1);
    gic.pulse(IntId(40));
    enter(0);
    write_bit(reg::icpendr, 40);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_FALSE(read_bit(reg::ispendr, 40));

    enable(50);
    gic.set_level(IntId(50), true);
    enter(0);
    write_bit(reg::icpendr, 50);
    EXPECT_TRUE(read_bit(reg::ispendr, 50)) << "an asserted level stays pending";
    EXPECT_EQ(enter(0).acknowledge(), 50u);
}

TEST_F(VGicDelivery, ActiveStateCanBeWritten) {
    enable_edges(40, 1);
    write_bit(reg::isactiver, 40);
    gic.pulse(IntId(40));
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.acknowledge(), spurious);
    EXPECT_TRUE(read_bit(reg::isactiver, 40));
    enter(0);
    write_bit(reg::icactiver, 40);
    EXPECT_EQ(enter(0).acknowledge(), 40u);
    write_bit(reg::icactiver, 40);
    enter(0);
    EXPECT_EQ(cpu.used(), 0u);
    EXPECT_FALSE(read_bit(reg::isactiver, 40));
}

TEST_F(VGicDelivery, SetActiveOfAListedOneHoldsItBack) {
    enable_edges(40, 1);
    gic.pulse(IntId(40));
    enter(0);
    write_bit(reg::isactiver, 40);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_TRUE(read_bit(reg::isactiver, 40));
    EXPECT_TRUE(read_bit(reg::ispendr, 40));
    write_bit(reg::icactiver, 40);
    EXPECT_EQ(enter(0).acknowledge(), 40u);
}

TEST_F(VGicDelivery, WaitingLooksAtMaskAndGroups) {
    enable_edges(40, 1);
    set_priority(40, 0x80);
    gic.pulse(IntId(40));
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_TRUE(gic.has_deliverable(0));
    cpu.vmcr = (cpu.vmcr & 0xffffff) | u64{0x80} << ich_vmcr::priority_mask_shift;
    EXPECT_FALSE(gic.has_deliverable(0));
    unload(0);
    EXPECT_FALSE(gic.has_deliverable(0));
    load(0);
    cpu.vmcr = (cpu.vmcr & 0xffffff) | u64{0x88} << ich_vmcr::priority_mask_shift;
    EXPECT_TRUE(gic.has_deliverable(0));
    unload(0);
    EXPECT_TRUE(gic.has_deliverable(0));
    load(0);
    EXPECT_EQ(cpu.acknowledge(), 40u);
    EXPECT_FALSE(gic.has_deliverable(0)) << "an active interrupt wakes no vCPU";
}

TEST_F(VGicDelivery, SuspendingLooksAtNeitherMaskNorGroups) {
    enable_edges(40, 1);
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_FALSE(gic.has_pending(0));
    cpu.vmcr &= ~(ich_vmcr::group1_enable | u64{0xff} << ich_vmcr::priority_mask_shift);
    gic.pulse(IntId(40));
    EXPECT_FALSE(gic.has_deliverable(0));
    EXPECT_TRUE(gic.has_pending(0));
    EXPECT_TRUE(gic.has_pending(0)) << "looking takes nothing away";
    cpu.vmcr |= ich_vmcr::group1_enable | u64{0xff} << ich_vmcr::priority_mask_shift;
    EXPECT_EQ(cpu.acknowledge(), 40u);
    EXPECT_FALSE(gic.has_pending(0)) << "an active interrupt wakes no vCPU";
    cpu.end(40);
    EXPECT_FALSE(gic.has_pending(0));
    write_bit(reg::icenabler, 40);
    gic.pulse(IntId(40));
    EXPECT_FALSE(gic.has_pending(0)) << "nor does one that is off";
}

TEST_F(VGicDelivery, ChangeAfterAWaitDecisionAlwaysWakes) {
    enable_edges(40, 2);
    gic.pulse(IntId(40));
    EXPECT_EQ(waker.take(), std::vector<unsigned>{0});
    gic.pulse(IntId(41));
    EXPECT_TRUE(waker.take().empty()) << "it was told already and has not looked yet";
    EXPECT_EQ(drain(0).size(), 2u);
    EXPECT_FALSE(gic.has_deliverable(0));
    gic.pulse(IntId(41));
    EXPECT_EQ(waker.take(), std::vector<unsigned>{0});
    EXPECT_EQ(drain(0).size(), 1u);
    unload(0);
    gic.pulse(IntId(40));
    gic.pulse(IntId(41));
    EXPECT_EQ(waker.take(), (std::vector<unsigned>{0, 0})) << "not loaded: it may sleep";
}

TEST_F(VGicDelivery, InputsThatAreNotThereAreIgnored) {
    for (const u32 intid : {0u, 31u, 128u, 1019u, 1023u, 4096u, ~0u}) {
        gic.pulse(IntId(intid));
        gic.set_level(IntId(intid), true);
    }
    gic.set_private_level(0, IntId(3), true);
    gic.set_private_level(0, IntId(40), true);
    EXPECT_TRUE(waker.take().empty());
    EXPECT_FALSE(gic.needs_flush(0));
}

TEST_F(VGicDelivery, PrivateLinesAreBanked) {
    for (unsigned vcpu = 0; vcpu < 2; ++vcpu) {
        enable(30, vcpu);
    }
    gic.set_private_level(1, IntId(30), true);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(enter(1).acknowledge(), 30u);
    gic.set_private_level(1, IntId(30), false);
    enter(1).end(30);
    EXPECT_EQ(cpus[1].acknowledge(), spurious);
}

} // namespace
} // namespace trv::vdev
