// SPDX-License-Identifier: Apache-2.0
// SPIs between vCPUs that run at the same time.

#include "vgic_machine.hpp"

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace reg = irqchip::gic_bank;

class VGicRouting : public VGicTest {
  public:
    VGicRouting() {
        start();
        set_edge(40);
        enable(40);
        enable(50); // level
    }
};

TEST_F(VGicRouting, AnSpiGoesWhereIRouterPoints) {
    route(40, 2);
    gic.pulse(IntId(40));
    EXPECT_EQ(waker.take(), std::vector<unsigned>{2});
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(enter(2).acknowledge(), 40u);
}

TEST_F(VGicRouting, RoutedToNoVcpuItStaysPending) {
    for (const u64 nowhere : {u64{4}, u64{0x100}, u64{0xff0000}}) {
        route(40, nowhere);
        gic.pulse(IntId(40));
        EXPECT_TRUE(waker.take().empty());
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            EXPECT_EQ(enter(vcpu).acknowledge(), spurious);
        }
    }
    EXPECT_TRUE(read_bit(reg::ispendr, 40));
    route(40, 1);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    EXPECT_EQ(enter(1).acknowledge(), 40u);
}

TEST_F(VGicRouting, APendingOneMovesOnceItsListRegisterIsCollected) {
    route(40, 1);
    gic.pulse(IntId(40));
    enter(1);
    waker.woken.clear();
    route(40, 2);
    EXPECT_EQ(waker.take(), (std::vector<unsigned>{1}));
    EXPECT_EQ(enter(2).acknowledge(), spurious) << "still in the other's list register";
    EXPECT_EQ(enter(1).acknowledge(), spurious);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{2});
    EXPECT_EQ(enter(2).acknowledge_and_end(), 40u);
    EXPECT_EQ(enter(1).acknowledge(), spurious);
}

TEST_F(VGicRouting, AnActiveOneIsFinishedWhereItBegan) {
    route(50, 1);
    gic.set_level(IntId(50), true);
    EXPECT_EQ(enter(1).acknowledge(), 50u);
    route(50, 2);
    EXPECT_EQ(enter(2).acknowledge(), spurious);
    FakeVirtualInterface& cpu = enter(1);
    waker.woken.clear();
    cpu.end(50);
    ASSERT_TRUE(cpu.maintenance()) << "pending again, but elsewhere";
    gic.maintenance(1);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{2});
    EXPECT_EQ(cpu.acknowledge(), spurious);
    EXPECT_EQ(enter(2).acknowledge(), 50u);
}

TEST_F(VGicRouting, AnEdgeDuringTheHandlerFollowsTheRoute) {
    route(40, 1);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(1).acknowledge(), 40u);
    route(40, 3);
    gic.pulse(IntId(40));
    FakeVirtualInterface& cpu = enter(1);
    EXPECT_EQ(enter(3).acknowledge(), spurious);
    at(1);
    cpu.end(40);
    ASSERT_TRUE(cpu.maintenance());
    gic.maintenance(1);
    EXPECT_EQ(enter(3).acknowledge_and_end(), 40u);
}

TEST_F(VGicRouting, DisableReachesAnotherRunningVcpu) {
    route(40, 1);
    gic.pulse(IntId(40));
    enter(1);
    waker.woken.clear();
    disable(40, 0);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    EXPECT_EQ(enter(1).acknowledge(), spurious);
    enable(40, 0);
    EXPECT_EQ(enter(1).acknowledge(), 40u);
}

TEST_F(VGicRouting, ClearPendingReachesAnotherRunningVcpu) {
    route(40, 1);
    gic.pulse(IntId(40));
    enter(1);
    write_bit(reg::icpendr, 40);
    EXPECT_FALSE(read_bit(reg::ispendr, 40));
    EXPECT_EQ(enter(1).acknowledge(), spurious);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(1).acknowledge(), 40u) << "an edge after the clear counts";
}

TEST_F(VGicRouting, ClearPendingThatComesTooLateKeepsItActive) {
    route(40, 1);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(1).acknowledge(), 40u);
    write_bit(reg::icpendr, 40, 0);
    enter(1);
    EXPECT_TRUE(read_bit(reg::isactiver, 40, 1));
}

TEST_F(VGicRouting, PollingTheActiveStateOfAnotherVcpuEndsSoon) {
    route(40, 1);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(1).acknowledge(), 40u);
    waker.woken.clear();
    EXPECT_FALSE(read_bit(reg::isactiver, 40, 0)) << "as of its last visit";
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    enter(1);
    EXPECT_TRUE(read_bit(reg::isactiver, 40, 0));
    enter(1).end(40);
    EXPECT_TRUE(read_bit(reg::isactiver, 40, 0));
    enter(1);
    EXPECT_FALSE(read_bit(reg::isactiver, 40, 0));
    waker.woken.clear();
    EXPECT_FALSE(read_bit(reg::ispendr, 40, 0));
    EXPECT_TRUE(waker.take().empty()) << "nothing listed, no vCPU to kick";
}

TEST_F(VGicRouting, PollingADifferentVcpusPrivateStateAsksIt) {
    enable(5, 1);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, u64{5} << 24 | 2);
    EXPECT_EQ(enter(1).acknowledge(), 5u);
    waker.woken.clear();
    const u64 offset = irqchip::gicr::sgi_base + reg::isactiver;
    EXPECT_EQ(read_redistributor(1, offset, 4, 0), 0u);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{1});
    enter(1);
    EXPECT_EQ(read_redistributor(1, offset, 4, 0), 1u << 5);
}

TEST_F(VGicRouting, SetActiveBlocksItWhereItIsRouted) {
    route(40, 1);
    write_bit(reg::isactiver, 40, 0);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(1).acknowledge(), spurious);
    EXPECT_TRUE(read_bit(reg::isactiver, 40, 1));
    write_bit(reg::icactiver, 40, 0);
    EXPECT_EQ(enter(1).acknowledge(), 40u);
}

TEST_F(VGicRouting, UnloadGivesAMovedInterruptToItsNewVcpu) {
    route(40, 1);
    gic.pulse(IntId(40));
    enter(1);
    route(40, 2);
    waker.woken.clear();
    unload(1);
    EXPECT_EQ(waker.take(), std::vector<unsigned>{2});
    EXPECT_EQ(enter(2).acknowledge(), 40u);
}

TEST_F(VGicRouting, DistributorSwitchesConcernAllVcpus) {
    route(40, 3);
    gic.pulse(IntId(40));
    enter(3);
    waker.woken.clear();
    write_distributor(0, 0);
    EXPECT_EQ(waker.take(), (std::vector<unsigned>{1, 2, 3}));
    EXPECT_EQ(enter(3).acknowledge(), spurious);
    write_distributor(0, 0);
    EXPECT_TRUE(waker.take().empty()) << "no change, no work";
    write_distributor(0, 2);
    EXPECT_EQ(enter(3).acknowledge(), 40u);
}

} // namespace
} // namespace trv::vdev
