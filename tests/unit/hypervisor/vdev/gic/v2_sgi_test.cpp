// SPDX-License-Identifier: Apache-2.0
#include "v2_machine.hpp"

namespace trv::vdev {
namespace {

namespace gicd = irqchip::gicd_v2;
namespace reg = irqchip::gic_bank;

class VGicV2Sgi : public VGicV2Test {
  public:
    VGicV2Sgi() {
        start();
        for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
            write(reg::isenabler, 0xffff, vcpu);
        }
        waker.woken.clear();
    }
};

TEST_F(VGicV2Sgi, ReachesAListOthersAndSelf) {
    send_sgi(3, 0b0110, 0);
    EXPECT_EQ(waker.take(), (std::vector<unsigned>{1, 2}));
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(enter(1).acknowledge_and_end(), sgi_from(3, 0));
    EXPECT_EQ(enter(2).acknowledge_and_end(), sgi_from(3, 0));
    write(gicd::sgir, gicd::sgir_to_others << gicd::sgir_filter_shift | 0xff0004, 2);
    EXPECT_EQ(enter(2).acknowledge(), spurious);
    for (const unsigned vcpu : {0U, 1U, 3U}) {
        EXPECT_EQ(enter(vcpu).acknowledge_and_end(), sgi_from(4, 2));
    }
    write(gicd::sgir, gicd::sgir_to_self << gicd::sgir_filter_shift | 5, 3);
    EXPECT_EQ(enter(3).acknowledge_and_end(), sgi_from(5, 3));
    write(gicd::sgir, 3U << gicd::sgir_filter_shift | 0xff0005, 3);
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        EXPECT_EQ(enter(vcpu).acknowledge(), spurious) << "a reserved filter";
    }
}

TEST_F(VGicV2Sgi, ComesOnceFromEachSender) {
    send_sgi(3, 1, 2);
    send_sgi(3, 1, 1);
    send_sgi(3, 1, 2);
    EXPECT_EQ(enter(0).acknowledge_and_end(), sgi_from(3, 1));
    maintain(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), sgi_from(3, 2));
    maintain(0);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_FALSE(read_bit(reg::ispendr, 3));
}

TEST_F(VGicV2Sgi, ThatCameMeanwhileFollowsTheActiveOne) {
    send_sgi(3, 1, 1);
    EXPECT_EQ(enter(0).acknowledge(), sgi_from(3, 1));
    send_sgi(3, 1, 1);
    send_sgi(3, 1, 2);
    EXPECT_TRUE(read_bit(reg::ispendr, 3));
    EXPECT_TRUE(read_bit(reg::isactiver, 3));
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    enter(0).end(sgi_from(3, 1));
    maintain(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), sgi_from(3, 1));
    maintain(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), sgi_from(3, 2));
    maintain(0);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_FALSE(read_bit(reg::isactiver, 3));
}

TEST_F(VGicV2Sgi, KeepsItsSenderWhileTheVcpuIsAway) {
    send_sgi(3, 1, 2);
    enter(0);
    unload(0);
    send_sgi(3, 1, 3);
    load(0);
    EXPECT_EQ(enter(0).acknowledge(), sgi_from(3, 2));
    unload(0);
    load(0);
    EXPECT_EQ(irqchip::ich_lr::sender_of(cpus[0].find(sgi_from(3, 2))), 2U) << "active, it names its sender";
    enter(0).end(sgi_from(3, 2));
    maintain(0);
    EXPECT_EQ(enter(0).acknowledge_and_end(), sgi_from(3, 3));
}

TEST_F(VGicV2Sgi, IsSetAndClearedForEachSender) {
    write(gicd::spendsgir + 4, 0x05'00'00'00); // SGI 7, from vCPUs 0 and 2
    enter(0);
    EXPECT_EQ(read(gicd::spendsgir + 4), 0x05'00'00'00U);
    EXPECT_EQ(read(gicd::cpendsgir + 7, 0, 1), 5U);
    EXPECT_EQ(read(gicd::spendsgir + 4, 1), 0U) << "another vCPU's are others";
    write(gicd::cpendsgir + 7, 1, 0, 1);
    EXPECT_EQ(enter(0).acknowledge_and_end(), sgi_from(7, 2));
    maintain(0);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    write(gicd::spendsgir + 7, 0xf0, 0, 1);
    EXPECT_EQ(enter(0).acknowledge(), spurious) << "senders that do not exist";
    write(gicd::spendsgir + 7, 8, 0, 1);
    enter(0);
    write(gicd::cpendsgir + 7, 0xff, 0, 1);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_FALSE(read_bit(reg::ispendr, 7));
}

TEST_F(VGicV2Sgi, PendingStateIsNotChangedByIspendr) {
    write(reg::ispendr, ~u32{0});
    EXPECT_EQ(read(reg::ispendr) & 0xffff, 0U);
    send_sgi(3, 1, 2);
    write(reg::icpendr, ~u32{0});
    EXPECT_EQ(enter(0).acknowledge_and_end(), sgi_from(3, 2));
}

TEST_F(VGicV2Sgi, IsForgottenByAReset) {
    send_sgi(3, 1, 2);
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        unload(vcpu);
    }
    gic.reset();
    start();
    write(reg::isenabler, 0xffff);
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(read(gicd::spendsgir), 0U);
}

} // namespace
} // namespace trv::vdev
