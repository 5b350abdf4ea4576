// SPDX-License-Identifier: Apache-2.0
#include "vgic_machine.hpp"

namespace trv::vdev {
namespace {

using irqchip::ich_vmcr::group0_enable;
namespace sgir = irqchip::icc_sgir;

[[nodiscard]] constexpr u64 sgi(u32 intid, u64 targets, u64 more = 0) {
    return u64{intid} << sgir::intid_shift | targets | more;
}

TEST(DecodeSgi, TargetsAreThoseThatExist) {
    EXPECT_EQ(decode_sgi(0, 4, sgi(7, 0b1010)).targets, 0b1010u);
    EXPECT_EQ(decode_sgi(0, 4, sgi(7, 0b1010)).intid, IntId(7));
    EXPECT_EQ(decode_sgi(0, 2, sgi(7, 0xffff)).targets, 0b11u);
    EXPECT_EQ(decode_sgi(0, 8, sgi(15, 0xffff)).targets, 0xffu);
    EXPECT_EQ(decode_sgi(0, 4, sgi(7, 0)).targets, 0u);
}

TEST(DecodeSgi, OtherClustersAndRangesAreEmpty) {
    EXPECT_EQ(decode_sgi(0, 4, sgi(7, 1, u64{1} << sgir::affinity1_shift)).targets, 0u);
    EXPECT_EQ(decode_sgi(0, 4, sgi(7, 1, u64{1} << sgir::affinity2_shift)).targets, 0u);
    EXPECT_EQ(decode_sgi(0, 4, sgi(7, 1, u64{1} << sgir::affinity3_shift)).targets, 0u);
    EXPECT_EQ(decode_sgi(0, 4, sgi(7, 1, u64{1} << sgir::range_shift)).targets, 0u);
}

TEST(DecodeSgi, AllButSelf) {
    EXPECT_EQ(decode_sgi(2, 4, sgi(7, 0, sgir::all_but_self)).targets, 0b1011u);
    EXPECT_EQ(decode_sgi(2, 4, sgi(7, 0xffff, sgir::all_but_self | u64{9} << sgir::affinity1_shift)).targets, 0b1011u);
    EXPECT_EQ(decode_sgi(0, 1, sgi(7, 0, sgir::all_but_self)).targets, 0u);
}

class VGicSgi : public VGicTest {
  public:
    VGicSgi() {
        start();
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            for (u32 intid = 0; intid < 16; ++intid) {
                enable(intid, vcpu);
            }
        }
    }
};

TEST_F(VGicSgi, ReachesOthersAndWakesThem) {
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, sgi(3, 0b0110));
    EXPECT_EQ(waker.take(), (std::vector<unsigned>{1, 2}));
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(enter(1).acknowledge_and_end(), 3u);
    EXPECT_EQ(enter(2).acknowledge_and_end(), 3u);
    EXPECT_EQ(enter(3).acknowledge(), spurious);
    EXPECT_EQ(enter(1).acknowledge(), spurious);
}

TEST_F(VGicSgi, ToSelfNeedsNoWake) {
    at(1);
    gic.send_sgi(1, SgiRegister::Sgi1, sgi(3, 0b0010));
    EXPECT_TRUE(waker.take().empty());
    EXPECT_EQ(enter(1).acknowledge_and_end(), 3u);
}

TEST_F(VGicSgi, AllButSelfReachesTheRest) {
    at(1);
    gic.send_sgi(1, SgiRegister::Sgi1, sgi(15, 0, sgir::all_but_self));
    EXPECT_EQ(waker.take(), (std::vector<unsigned>{0, 2, 3}));
    EXPECT_EQ(enter(1).acknowledge(), spurious);
    for (const unsigned vcpu : {0u, 2u, 3u}) {
        EXPECT_EQ(enter(vcpu).acknowledge_and_end(), 15u);
    }
}

TEST_F(VGicSgi, SeveralAtOnceComeByPriority) {
    set_priority(1, 0x80, 2);
    set_priority(2, 0x40, 2);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, sgi(1, 0b0100));
    gic.send_sgi(0, SgiRegister::Sgi1, sgi(2, 0b0100));
    gic.send_sgi(0, SgiRegister::Sgi1, sgi(2, 0b0100));
    EXPECT_EQ(waker.take(), std::vector<unsigned>{2});
    EXPECT_EQ(enter(2).acknowledge_and_end(), 2u);
    EXPECT_EQ(cpus[2].acknowledge_and_end(), 1u);
    EXPECT_EQ(cpus[2].acknowledge(), spurious);
}

TEST_F(VGicSgi, DisabledOnesArePendingOnly) {
    disable(3, 1);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, sgi(3, 0b0010));
    EXPECT_TRUE(waker.take().empty());
    EXPECT_EQ(enter(1).acknowledge(), spurious);
    EXPECT_TRUE(read_bit(irqchip::gic_bank::ispendr, 3, 1));
    enable(3, 1);
    EXPECT_EQ(enter(1).acknowledge(), 3u);
}

TEST_F(VGicSgi, GroupsDecideWhichRegisterReaches) {
    write_redistributor(1, irqchip::gicr::sgi_base + irqchip::gic_bank::igroupr, ~u64{1 << 3}, 4, 1); // SGI 3: Group 0
    for (const SgiRegister through : {SgiRegister::Sgi0, SgiRegister::AliasSgi1, SgiRegister::Sgi1}) {
        at(0);
        gic.send_sgi(0, through, sgi(3, 0b0010));
        EXPECT_EQ(enter(1).acknowledge_and_end(), 3u);
        at(0);
        gic.send_sgi(0, through, sgi(4, 0b0010));
        EXPECT_EQ(enter(1).acknowledge_and_end(), through == SgiRegister::Sgi1 ? 4u : spurious);
    }
}

TEST_F(VGicSgi, ReachesAVcpuThatIsNotLoaded) {
    unload(3);
    at(0);
    gic.send_sgi(0, SgiRegister::Sgi1, sgi(3, 0b1000));
    EXPECT_EQ(waker.take(), std::vector<unsigned>{3});
    EXPECT_TRUE(gic.has_deliverable(3));
    load(3);
    EXPECT_EQ(cpus[3].acknowledge(), 3u);
}

} // namespace
} // namespace trv::vdev
